import { pino } from 'pino'

export type Log = {
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
  debug(data: object, message: string): void
  child(bindings: object): Log
}

/**
 * Structured log to stderr, so that stdout stays a command's answer. Content and names are never logged: callers
 * pass ids, counts and codes, and the paths below are a second net for secrets.
 */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: undefined,
      redact: {
        paths: [
          'password',
          'secret',
          'token',
          'access_token',
          '*.password',
          '*.secret',
          '*.token',
          'req.headers.cookie',
        ],
        censor: '[redacted]',
      },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ dest: 2, sync: true }),
  )
}
