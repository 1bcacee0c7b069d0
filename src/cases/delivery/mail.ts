import { createTransport } from 'nodemailer'
import type { SmtpConfig } from '../../base/index.ts'
import type { Mail, MailWay } from './deps.ts'

const TIMEOUT_MS = 15_000
const AT_ONCE = 3

/** E-mail through the institution's own server: the one host of TONGJIAN_SMTP_URL and no other. */
export function openMail(config: SmtpConfig): MailWay {
  const { host, port, secure, user, password, from } = config
  const transport = createTransport({
    ...{
      host,
      port,
      secure,
      pool: true,
      maxConnections: AT_ONCE,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    // Without TLS a password would travel in clear.
    requireTLS: !secure && user !== undefined,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
  })
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '')
  return {
    async send(mail: Mail) {
      // The delivery's own id: a mail that was sent twice after a crash is one to whoever reads it.
      const messageId = `<${mail.id}@${domain}>`
      await transport.sendMail({ from, to: mail.to, subject: mail.subject, text: mail.text, messageId })
    },
    close: async () => transport.close(),
  }
}
