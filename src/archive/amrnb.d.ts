/** OpenCORE's AMR-NB codec compiled to JavaScript, as this package ships it: made for a browser's worker, hence `self`. */
declare module 'benz-amr-recorder/src/amrnb.js' {
  function start(): void
  export = start
}
