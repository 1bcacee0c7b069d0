import { Environment } from '@marcbachmann/cel-js'
import { Pattern, units } from '../match/pattern.ts'
import { justUnder } from './numbers.ts'

/**
 * Conditions of rules, in CEL. They are looked at only when a hit stands, and none can blow up: no more than this many
 * nodes, no loop inside a loop, lists of at most 32, strings of one sentence, and no expression that backtracks.
 */
const LIMITS = { maxAstNodes: 200, maxDepth: 16, maxListElements: 32, maxMapEntries: 0, maxCallArguments: 3 }
const LONGEST = 1000

/** What a condition may ask. Every name is explained in docs by its comment here. */
export type Facts = {
  /** staff or customer */
  from: string
  /** Who hears it: customer, group (with customers), internal; empty when not known. */
  audience: string
  /** Where it stood: chat, mass, moments, picture, voice, file, forward, link. */
  channel: string
  /** Time of sending in China, 0–23; -1 when not known. */
  hour: bigint
  business_day: boolean
  matched: string
  sentence: string
  /** Yuan. */
  amounts: number[]
  amount_max: number
  /** Per cent as said, and the greatest of them by the year. */
  percents: number[]
  percent_max: number
  yield_max: number
  annual_rate: number
  context_size: bigint
  institution: string
  /** 0 when not known. */
  customer_age: bigint
  customer_vulnerable: boolean
  /** C1 … C5; empty when not known. */
  customer_risk: string
  /** The speaker holds the licence to advise and the customer has signed for it. */
  staff_licensed: boolean
}

const TYPES: Record<keyof Facts, string> = {
  from: 'string',
  audience: 'string',
  channel: 'string',
  hour: 'int',
  business_day: 'bool',
  matched: 'string',
  sentence: 'string',
  amounts: 'list<double>',
  amount_max: 'double',
  percents: 'list<double>',
  percent_max: 'double',
  yield_max: 'double',
  annual_rate: 'double',
  context_size: 'int',
  institution: 'string',
  customer_age: 'int',
  customer_vulnerable: 'bool',
  customer_risk: 'string',
  staff_licensed: 'bool',
}

export class ConditionError extends Error {}
export type Condition = (facts: Facts) => boolean

type Ast = { op: string; args: unknown }
const OPS = new Set('id value list && || ! == != < <= > >= + - * / % in ?: call rcall -_ !_'.split(' '))
/** Each takes time linear in what it is given and gives nothing longer back. */
const CALLS = new Set(
  'size contains startsWith endsWith reads exists all exists_one just_under int double'.split(' '),
)
const LOOPS = new Set(['exists', 'all', 'exists_one'])

let shared: Environment | undefined
function environment(): Environment {
  shared ??= environmentOf(TYPES)
  return shared
}

function environmentOf(types: Record<string, string>): Environment {
  const env = new Environment({ limits: LIMITS })
  for (const [name, type] of Object.entries(types)) env.registerVariable(name, type)
  env.registerFunction('just_under(list<double>, int): int', (amounts: number[], line: bigint) =>
    BigInt(justUnder(amounts, Number(line))),
  )
  const patterns = new Map<string, Pattern>()
  env.registerFunction('string.reads(string): bool', (text: string, source: string) => {
    const known = patterns.get(source) ?? new Pattern(source)
    patterns.set(source, known)
    return known.test(units(text), 0, text.length)
  })
  return env
}

/** @throws ConditionError saying in one line what is wrong. */
export function compileCondition(source: string): Condition {
  return compileIn(environment(), source)
}

/** Conditions under the same guard over other facts: each name with its type in CEL. */
export function conditionsOver<F extends Record<string, unknown>>(
  types: Record<keyof F & string, string>,
): (source: string) => (facts: F) => boolean {
  const env = environmentOf(types)
  return source => compileIn<F>(env, source)
}

function compileIn<F extends Record<string, unknown>>(
  env: Environment,
  source: string,
): (facts: F) => boolean {
  if (source.length > LONGEST) throw new ConditionError(`is longer than ${LONGEST} characters`)
  let run: ReturnType<Environment['parse']>
  try {
    run = env.parse(source)
  } catch (error) {
    throw new ConditionError(firstLine(error))
  }
  guard(run.ast as unknown as Ast, false)
  const checked = run.check()
  if (!checked.valid) throw new ConditionError(firstLine(checked.error))
  if (String(checked.type) !== 'bool')
    throw new ConditionError(`gives ${String(checked.type)}, not yes or no`)
  return facts => {
    try {
      return run(facts) === true
    } catch {
      // Division by zero and the like: what cannot be decided takes nothing back.
      return true
    }
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''

function guard(node: Ast, inLoop: boolean): void {
  if (!OPS.has(node.op)) throw new ConditionError(`"${node.op}" is not allowed here`)
  if (node.op === 'id' || node.op === 'value') return
  let loops = false
  if (node.op === 'call' || node.op === 'rcall') {
    const [name, ...rest] = node.args as [string, ...unknown[]]
    if (name === 'matches') throw new ConditionError('matches() can take for ever; write .reads("…")')
    if (!CALLS.has(name)) throw new ConditionError(`${name}() is not among the functions a condition may use`)
    loops = LOOPS.has(name)
    if (loops && inLoop) throw new ConditionError('a loop inside a loop')
    if (name === 'reads') checkReads(rest[1])
    for (const child of rest.flat()) guard(child as Ast, inLoop || loops)
    return
  }
  const args = Array.isArray(node.args) ? node.args : [node.args]
  for (const child of args.flat()) guard(child as Ast, inLoop)
}

/** The expression must stand there as it is, so that it is compiled before anything is sent through it. */
function checkReads(args: unknown): void {
  const only = (args as Ast[])[0]
  if (only?.op !== 'value' || typeof only.args !== 'string')
    throw new ConditionError('reads() takes one expression in quotes')
  try {
    new Pattern(only.args)
  } catch (error) {
    throw new ConditionError(`reads("${only.args}"): ${firstLine(error)}`)
  }
}
