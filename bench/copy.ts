import type { Client, Connection } from 'pg'

/** A binary COPY stream (PostgreSQL 18, sql-copy.html, "Binary Format"): what the server need not parse, it loads faster. */
const SIGNATURE = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TRAILER = Buffer.from([0xff, 0xff])
/** PostgreSQL counts its microseconds from 2000-01-01. */
const EPOCH_MS = 946_684_800_000
const INT4 = 23

/** Rows of one table in the binary format, in one buffer that grows and is used again. */
export class CopyRows {
  #bytes = Buffer.allocUnsafe(1 << 20)
  #length = 0

  row(fields: number): void {
    this.#need(2)
    this.#length = this.#bytes.writeInt16BE(fields, this.#length)
  }
  nothing(): void {
    this.#need(4)
    this.#length = this.#bytes.writeInt32BE(-1, this.#length)
  }
  smallint(value: number): void {
    this.#need(6)
    this.#length = this.#bytes.writeInt32BE(2, this.#length)
    this.#length = this.#bytes.writeInt16BE(value, this.#length)
  }
  bigint(value: string): void {
    this.#need(12)
    this.#length = this.#bytes.writeInt32BE(8, this.#length)
    this.#length = this.#bytes.writeBigInt64BE(BigInt(value), this.#length)
  }
  moment(ms: number): void {
    this.bigint(`${ms - EPOCH_MS}000`)
  }
  text(value: string): void {
    const size = Buffer.byteLength(value)
    this.#need(4 + size)
    this.#length = this.#bytes.writeInt32BE(size, this.#length)
    this.#length += this.#bytes.write(value, this.#length)
  }
  bytes(value: Uint8Array): void {
    this.#need(4 + value.length)
    this.#length = this.#bytes.writeInt32BE(value.length, this.#length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }
  uuid(value: string): void {
    this.bytes(Buffer.from(value.replaceAll('-', ''), 'hex'))
  }
  jsonb(value: object): void {
    const text = Buffer.from(JSON.stringify(value))
    this.bytes(Buffer.concat([Buffer.of(1), text]))
  }
  ints(values: readonly number[]): void {
    this.#need(24 + values.length * 8)
    const at = (value: number): void => {
      this.#length = this.#bytes.writeInt32BE(value, this.#length)
    }
    at(20 + values.length * 8)
    at(1)
    at(0)
    at(INT4)
    at(values.length)
    at(1)
    for (const value of values) {
      at(4)
      at(value)
    }
  }

  /** What was written, and an empty buffer for more. The bytes are good until the next row. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    return taken
  }

  #need(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}

/** `COPY … FROM STDIN (FORMAT binary)` of prepared rows. pg speaks the protocol but has no function for it. */
export function copyIn(client: Client, statement: string, rows: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const wire = (connection: Connection): Wire => connection as unknown as Wire
    client.query({
      submit: (connection: Connection) => connection.query(statement),
      handleCopyInResponse: (connection: Connection) => {
        for (const chunk of [SIGNATURE, rows, TRAILER]) wire(connection).sendCopyFromChunk(chunk)
        wire(connection).endCopyFrom()
      },
      handleError: reject,
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => resolve(),
      handleRowDescription: () => undefined,
      handleDataRow: () => undefined,
      handlePortalSuspended: () => undefined,
      handleEmptyQuery: () => undefined,
    } as unknown as Parameters<Client['query']>[0])
  })
}

type Wire = { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }
