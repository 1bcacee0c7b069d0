/** A policy of one clause, for packs made up in a test. */
export const clauses = {
  name: 'clauses.yaml',
  text: 'policy: p\nclauses: [{id: M-01, title: t, text: t}]\nbasis: []\n',
}

/** A pack of one rule X-01; `body` is what the rule says besides, indented by four. */
export const packOf = (body: string, fires: string) => ({
  name: 'x.yaml',
  text: `category: X
name: x
why: y
severity: P0
direction: staff
verdict: violation
clause: M-01
basis: []
owner: o
rules:
  - id: X-01
    name: n
    version: 1
    fires: [${fires}]
${body}`,
})
