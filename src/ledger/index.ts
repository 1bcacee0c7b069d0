export { type Canonical, canonicalJson } from './canonical-json.ts'
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint.ts'
export { LedgerError, type LedgerErrorCode } from './errors.ts'
export { chooseLedgerHash, HASH_BYTES } from './hash.ts'
export {
  appendLeaf,
  appendLeaves,
  copyFrontier,
  decodeFrontier,
  emptyFrontier,
  emptyRoot,
  encodeFrontier,
  type Frontier,
  frontierRoot,
  hashChildren,
  hashLeaf,
  hashLeaves,
  rootOf,
} from './merkle.ts'
export { type OpenedNote, openNote, signNote } from './note.ts'
export {
  generateNoteKey,
  type NoteSigner,
  type NoteVerifier,
  notePrivateKeyToPem,
  noteSignerFromPem,
  noteVerifierFromString,
  noteVerifierOf,
  noteVerifierToString,
} from './note-key.ts'
export {
  type ConsistencyClaim,
  consistencyProof,
  type HashAt,
  type InclusionClaim,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from './proof.ts'
export { commitment, recordHash } from './record.ts'
export {
  appendTiles,
  decodeTileLog,
  edgeTilePaths,
  emptyTileLog,
  encodeTileLog,
  rebuildTileLog,
  resumeTileLog,
  type TileLog,
  type TileWrite,
  tileLogFrontier,
  tileLogRoot,
} from './tile-log.ts'
export { parseTilePath, TILE_WIDTH, type TileId, tilePath, tileWidth } from './tile-path.ts'
export { hashFromTiles, type ReadTile, type ReadTiles, tilesNeeded, withTiles } from './tile-reader.ts'
export { openStamp, type Stamp, type StampRefusal, stampRequest } from './tsp.ts'
export { type Anchors, readAnchors } from './tsp-certificate.ts'
