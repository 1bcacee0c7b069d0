import { openPremises, startServer, startServices } from '../src/app/index.ts'
import { createLog, inTransaction, loadConfig, systemActor } from '../src/base/index.ts'
import { createAccount } from '../src/people/index.ts'

/** The product as `serve` runs it, with a folder of rules and accounts of the measurement's own. Ends when told. */
const [folder = '', password = '', boards = '1'] = process.argv.slice(2)
const log = createLog('error')
const premises = await openPremises(loadConfig(), log, { mode: 'server' })
const { db, house } = premises
const officer = { role: 'officer', password } as const
for (let n = 0; n < Number(boards); n++) {
  const account = {
    ...officer,
    username: `board${n}`,
    name: `看板${n}`,
    userid: n === 0 ? 'linxiaowen' : null,
  }
  await inTransaction(db, tx => createAccount(tx, systemActor(house, 'bench'), account))
}
const services = await startServices(premises, { capture: true, rules: folder })
const server = await startServer(premises, services)
process.stdout.write(`${JSON.stringify({ url: server.url, database: premises.appUrl })}\n`)
process.once('SIGTERM', async () => {
  await server.close()
  await services.stop()
  await premises.close()
  process.exit(0)
})
