import { setPriority } from 'node:os'
import { readFile } from './document.ts'
import type { ReadAnswer, ReadRequest } from './protocol.ts'

/*
 * The process that opens strangers' files: no database, no keys, no environment. A file may crash it, hang it or make
 * it grow; the one who asked sees to that. It yields to everything else on the machine.
 */
setPriority(10)
process.on('disconnect', () => process.exit(0))
process.on('message', (asked: ReadRequest) => {
  void readFile(Buffer.from(asked.bytes), asked.name).then(result => {
    const answer: ReadAnswer = { id: asked.id, ...result }
    process.send?.(answer)
  })
})
