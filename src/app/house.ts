import { join } from 'node:path'
import {
  type Blobs,
  type Config,
  causeOf,
  checkSchema,
  type Db,
  describeSource,
  type Embedded,
  Fault,
  fail,
  folderBlobs,
  type House,
  KeyRing,
  type Log,
  loadCalendars,
  MasterKeys,
  migrate,
  type OpenDb,
  openDb,
  type Suite,
  sql,
  startEmbedded,
} from '../base/index.ts'
import { chooseLedgerHash } from '../ledger/index.ts'
import { isFinal, type Outside, openOutside, s3Blobs } from '../notary/index.ts'

/** Everything a process needs before it does anything: database, keys, the place outside the database. */
export type Premises = {
  config: Config
  house: House
  db: Db
  appUrl: string
  /** Set when the login is not the app role itself: connections then take it on. */
  role: string | undefined
  /** Connections of the role that may destroy, opened when first asked for; null when the login may not take it on. */
  purgeDb(): Promise<Db | null>
  outside: Outside
  /** Files of messages, sealed, in the data folder. */
  media: Blobs
  /** Finished evidence packages, sealed, until they expire. */
  packages: Blobs
  embedded: Embedded | undefined
  close(): Promise<void>
}

type Engine = {
  ownerUrl: string
  appUrl: string
  purgeUrl: string
  role: string | undefined
  embedded: Embedded | undefined
}
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
  let store: ReturnType<typeof s3Blobs> | undefined
  try {
    open = openDb(engine.appUrl, { role: engine.role })
    store = config.blobs && s3Blobs(config.blobs, isFinal)
    const house = await openHouse(open.db, config, log, options)
    const outside = await openOutside(
      house,
      store ?? folderBlobs(config.ledgerDir),
      join(config.dataDir, 'secrets', 'ledger.key'),
    )
    const purge = openPurge(engine, log)
    return {
      config,
      house,
      db: open.db,
      appUrl: engine.appUrl,
      role: engine.role,
      purgeDb: () => purge.get(),
      outside,
      media: folderBlobs(join(config.dataDir, 'media')),
      packages: folderBlobs(join(config.dataDir, 'evidence')),
      embedded: engine.embedded,
      close: async () => {
        await purge.close()
        await closeAll(open, engine, store)
      },
    }
  } catch (error) {
    await closeAll(open, engine, store)
    throw error
  }
}

async function closeAll(
  open: OpenDb | undefined,
  engine: Engine,
  store: { close(): Promise<void> } | undefined,
): Promise<void> {
  await open?.close()
  await store?.close()
  await engine.embedded?.stop()
}

async function openEngine(config: Config, log: Log, mode: Mode): Promise<Engine> {
  if (config.databaseUrl) {
    // A shared database is migrated on purpose, by `tongjian migrate`, never by whoever starts first.
    await checkSchema(config.databaseUrl)
    return {
      ownerUrl: config.databaseOwnerUrl ?? config.databaseUrl,
      appUrl: config.databaseUrl,
      purgeUrl: config.databasePurgeUrl ?? config.databaseUrl,
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
  return {
    ownerUrl: embedded.ownerUrl(),
    appUrl: embedded.appUrl(),
    purgeUrl: embedded.purgeUrl(),
    role: undefined,
    embedded,
  }
}

/**
 * Destruction goes through connections of its own, which can do nothing else. On a database of the operator's the login
 * takes the role on; where it may not, there is no purge, and the page says so.
 */
function openPurge(engine: Engine, log: Log): { get(): Promise<Db | null>; close(): Promise<void> } {
  let opened: OpenDb | undefined
  return {
    async get() {
      if (opened) return opened.db
      const tried = openDb(engine.purgeUrl, { role: PURGE_ROLE, max: 2, application: 'tongjian-purge' })
      try {
        await sql`SELECT 1 FROM destroyed LIMIT 1`.execute(tried.db)
        opened = tried
        return opened.db
      } catch (error) {
        log.warn({ error: causeOf(error) }, 'the role that may destroy cannot be taken on: no purge')
        await tried.close()
        return null
      }
    },
    close: async () => opened?.close(),
  }
}
const PURGE_ROLE = 'tongjian_purge'

const APP_ROLE = 'tongjian_app'

async function openHouse(
  db: Db,
  config: Config,
  log: Log,
  options: { mode: Mode; demo?: boolean },
): Promise<House> {
  const corpid = config.wecom?.corpid ?? null
  await sql`
    INSERT INTO corp (id, corpid, tz, demo, institution_type, crypto)
    VALUES (${CORP}, ${corpid ?? LOCAL}, ${config.zone}, ${options.demo ?? false}, ${config.institution},
      ${config.crypto ?? 'international'})
    ON CONFLICT DO NOTHING`.execute(db)
  // The zone is fixed for good; what the institution is may be set right, and chooses the layer of its rules.
  await sql`UPDATE corp SET institution_type = ${config.institution} WHERE id = ${CORP} AND institution_type <> ${config.institution}`.execute(
    db,
  )
  const { rows } = await sql<{
    corpid: string
    tz: string
    demo: boolean
    crypto: Suite
    sealed: boolean
  }>`SELECT corpid, tz, demo, crypto, EXISTS (SELECT FROM data_key WHERE corp_id = ${CORP}) AS sealed
    FROM corp WHERE id = ${CORP}`.execute(db)
  const corp = rows[0]
  if (!corp) throw fail('thing.missing', { corp: CORP })
  refuseMixedUp(corp, corpid, config, options)
  chooseLedgerHash(corp.crypto === 'gm' ? 'sm3' : 'sha256')
  const masters = await MasterKeys.load(config.masterKey, corp.crypto, !corp.sealed)
  const house: House = {
    corp: CORP,
    corpid: corp.corpid,
    name: config.wecom?.corpName ?? corp.corpid,
    zone: corp.tz,
    demo: corp.demo,
    archiveBasis: config.archiveBasis,
    keys: new KeyRing(CORP, masters),
    log,
  }
  await proveKey(db, house, config)
  return house
}

function refuseMixedUp(
  corp: { corpid: string; demo: boolean; crypto: Suite },
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
  if (config.crypto !== undefined && config.crypto !== corp.crypto) {
    throw fail('config.invalid', {
      hint: `this data is sealed and signed by the suite "${corp.crypto}", chosen at its first start; TONGJIAN_CRYPTO=${config.crypto} needs a new TONGJIAN_DATA`,
    })
  }
}

/** A wrong master key must be told at once, not at the first message it cannot open. */
async function proveKey(db: Db, house: House, config: Config): Promise<void> {
  try {
    await house.keys.own(db)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'key.wrong') throw error
    const needed = error.details.master
    const named = needed ? `: it was ${needed}, this is ${house.keys.masters.current.id}` : ''
    throw fail(
      'key.wrong',
      {
        hint: `${describeSource(config.masterKey.source)} is not the master key this data was sealed with${named}`,
      },
      error,
    )
  }
}
