import { join } from 'node:path'
import {
  type Blobs,
  type Config,
  checkSchema,
  type Db,
  type Embedded,
  fail,
  folderBlobs,
  type House,
  KeyRing,
  type Log,
  loadCalendars,
  loadMasterKey,
  migrate,
  type OpenDb,
  openDb,
  sql,
  startEmbedded,
} from '../base/index.ts'
import { type Outside, openOutside } from '../notary/index.ts'

/** Everything a process needs before it does anything: database, keys, the place outside the database. */
export type Premises = {
  config: Config
  house: House
  db: Db
  appUrl: string
  /** Set when the login is not the app role itself: connections then take it on. */
  role: string | undefined
  outside: Outside
  /** Files of messages, sealed, in the data folder. */
  media: Blobs
  embedded: Embedded | undefined
  close(): Promise<void>
}

type Engine = { ownerUrl: string; appUrl: string; role: string | undefined; embedded: Embedded | undefined }
export type Mode = 'server' | 'command'

/** One institution a database for now; the column is in every key, so a second needs no migration. */
const CORP = 1
/** The corpid of an archive that was imported before WeCom was configured. */
const LOCAL = 'local'

/** Open a data folder: start or join PostgreSQL, bring the schema up where it is ours, load the keys. */
export async function openPremises(
  config: Config,
  log: Log,
  options: { mode: Mode; demo?: boolean },
): Promise<Premises> {
  loadCalendars(join(config.dataDir, 'calendar'))
  const engine = await openEngine(config, log, options.mode)
  let open: OpenDb | undefined
  try {
    open = openDb(engine.appUrl, { role: engine.role })
    const house = await openHouse(open.db, config, log, options)
    const outside = await openOutside(
      house,
      folderBlobs(config.ledgerDir),
      join(config.dataDir, 'secrets', 'ledger.key'),
    )
    return {
      config,
      house,
      db: open.db,
      appUrl: engine.appUrl,
      role: engine.role,
      outside,
      media: folderBlobs(join(config.dataDir, 'media')),
      embedded: engine.embedded,
      close: () => closeAll(open, engine),
    }
  } catch (error) {
    await closeAll(open, engine)
    throw error
  }
}

async function closeAll(open: OpenDb | undefined, engine: Engine): Promise<void> {
  await open?.close()
  await engine.embedded?.stop()
}

async function openEngine(config: Config, log: Log, mode: Mode): Promise<Engine> {
  if (config.databaseUrl) {
    // A shared database is migrated on purpose, by `tongjian migrate`, never by whoever starts first.
    await checkSchema(config.databaseUrl)
    return {
      ownerUrl: config.databaseOwnerUrl ?? config.databaseUrl,
      appUrl: config.databaseUrl,
      role: APP_ROLE,
      embedded: undefined,
    }
  }
  const embedded = await startEmbedded({ dataDir: config.dataDir, mode, log })
  try {
    await migrate(embedded.ownerUrl())
  } catch (error) {
    await embedded.stop()
    throw error
  }
  return { ownerUrl: embedded.ownerUrl(), appUrl: embedded.appUrl(), role: undefined, embedded }
}

const APP_ROLE = 'tongjian_app'

async function openHouse(
  db: Db,
  config: Config,
  log: Log,
  options: { mode: Mode; demo?: boolean },
): Promise<House> {
  const keys = new KeyRing(CORP, loadMasterKey(config.masterKeyFile))
  const corpid = config.wecom?.corpid ?? null
  await sql`
    INSERT INTO corp (id, corpid, tz, demo, institution_type)
    VALUES (${CORP}, ${corpid ?? LOCAL}, ${config.zone}, ${options.demo ?? false}, ${config.institution})
    ON CONFLICT DO NOTHING`.execute(db)
  // The zone is fixed for good; what the institution is may be set right, and chooses the layer of its rules.
  await sql`UPDATE corp SET institution_type = ${config.institution} WHERE id = ${CORP} AND institution_type <> ${config.institution}`.execute(
    db,
  )
  const { rows } = await sql<{
    corpid: string
    tz: string
    demo: boolean
  }>`SELECT corpid, tz, demo FROM corp WHERE id = ${CORP}`.execute(db)
  const corp = rows[0]
  if (!corp) throw fail('thing.missing', { corp: CORP })
  refuseMixedUp(corp, corpid, config, options)
  const house: House = {
    corp: CORP,
    corpid: corp.corpid,
    name: config.wecom?.corpName ?? corp.corpid,
    zone: corp.tz,
    demo: corp.demo,
    keys,
    log,
  }
  await proveKey(db, house, config)
  return house
}

function refuseMixedUp(
  corp: { corpid: string; demo: boolean },
  corpid: string | null,
  config: Config,
  options: { mode: Mode; demo?: boolean },
): void {
  if (corp.demo && !options.demo && options.mode === 'server') {
    throw fail('data.is_demo', {
      hint: `${config.dataDir} holds the demo; give TONGJIAN_DATA another folder for production`,
    })
  }
  if (corpid !== null && corp.corpid !== corpid) {
    throw fail('config.invalid', {
      hint: `this data belongs to ${corp.corpid}, but WECOM_CORPID is ${corpid}: use another TONGJIAN_DATA, or set WECOM_CORPID before the first import`,
    })
  }
}

/** A wrong master key must be told at once, not at the first message it cannot open. */
async function proveKey(db: Db, house: House, config: Config): Promise<void> {
  try {
    await house.keys.own(db)
  } catch (error) {
    throw fail(
      'key.wrong',
      { hint: `${config.masterKeyFile} is not the master key this data was sealed with` },
      error,
    )
  }
}
