import type { FastifyInstance, FastifyRequest } from 'fastify'
import { fail, type Kit } from '../base/index.ts'
import { can } from '../people/index.ts'

/** One number with its labels, as Prometheus reads it. */
export type Gauge = { name: string; help: string; value: number; labels?: Record<string, string> }
export type Gauges = () => Promise<Gauge[]>

type Seen = { count: number; seconds: number }

/**
 * GET /metrics in Prometheus' text format 0.0.4. A scraper on this machine needs no account; anybody else needs
 * system.read. Behind a proxy everybody would seem to be on this machine, so a forwarded request counts as away.
 */
export function metricsRoutes(deps: { app: FastifyInstance; gauges?: Gauges }): (kit: Kit) => void {
  const requests = new Map<string, Seen>()
  deps.app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the address: ids and words would be content, and a series for each of them.
    const route = request.routeOptions.url ?? 'none'
    const labels = `method="${request.method}",route="${route}",status="${reply.statusCode}"`
    const seen = requests.get(labels) ?? { count: 0, seconds: 0 }
    requests.set(labels, { count: seen.count + 1, seconds: seen.seconds + reply.elapsedTime / 1000 })
  })
  return kit => {
    kit.route({
      method: 'GET',
      url: '/metrics',
      verb: 'public',
      summary: 'numbers for Prometheus; from this machine, or with system.read',
      response: 'text',
      handler: async ({ actor, request, reply }) => {
        if (!isLocal(request)) {
          if (!actor) throw fail('auth.required')
          if (!can(actor, 'system.read')) throw fail('auth.denied', { verb: 'system.read' })
        }
        reply.type('text/plain; version=0.0.4; charset=utf-8')
        return [
          ...requestLines(requests),
          ...gaugeLines([...processGauges(), ...((await deps.gauges?.()) ?? [])]),
        ]
          .concat('')
          .join('\n')
      },
    })
  }
}

function isLocal(request: FastifyRequest): boolean {
  const forwarded = 'x-forwarded-for' in request.headers || 'forwarded' in request.headers
  const address = request.socket.remoteAddress ?? ''
  return !forwarded && (address === '::1' || /^(::ffff:)?127\./.test(address))
}

function requestLines(requests: ReadonlyMap<string, Seen>): string[] {
  const entries = [...requests]
  return [
    '# HELP tongjian_http_requests_total Answers given.',
    '# TYPE tongjian_http_requests_total counter',
    ...entries.map(([labels, seen]) => `tongjian_http_requests_total{${labels}} ${seen.count}`),
    '# HELP tongjian_http_request_seconds_total Time spent on them.',
    '# TYPE tongjian_http_request_seconds_total counter',
    ...entries.map(
      ([labels, seen]) => `tongjian_http_request_seconds_total{${labels}} ${seen.seconds.toFixed(6)}`,
    ),
  ]
}

function processGauges(): Gauge[] {
  const memory = process.memoryUsage()
  return [
    { name: 'process_resident_memory_bytes', help: 'Resident memory of the server.', value: memory.rss },
    { name: 'nodejs_heap_used_bytes', help: 'Heap in use.', value: memory.heapUsed },
    { name: 'process_uptime_seconds', help: 'Time since the start.', value: Math.round(process.uptime()) },
  ]
}

function gaugeLines(gauges: Gauge[]): string[] {
  return [...Map.groupBy(gauges, gauge => gauge.name)].flatMap(([name, same]) => [
    `# HELP ${name} ${same[0]?.help ?? ''}`,
    `# TYPE ${name} gauge`,
    ...same.map(gauge => `${name}${labelsOf(gauge.labels)} ${gauge.value}`),
  ])
}

function labelsOf(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${quoted(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function quoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
