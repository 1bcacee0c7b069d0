import { fail } from '../../base/index.ts'
import { withDigest } from './digest.ts'

/** SHA-256 of libraries whose bytes two independent sources agree on (wecom-api.md §3.3). */
const KNOWN: Record<string, string> = {
  '79ced4de6b18d5e96a21cd06f325794dc8957f8925120538d56d4ce827d3dfd0': 'v3.0 x86 2025-02-05',
}

/** What the operator installed and what he vouches for. */
export type LibraryChoice = { library: string; sha256: string | undefined }

/** The digests with which the library is loaded: the versions we know and the one the operator vouches for. */
export function acceptedDigests(choice: LibraryChoice): string[] {
  return [...Object.keys(KNOWN), ...(choice.sha256 ? [choice.sha256] : [])]
}

/**
 * Refuse a library that is not Tencent's: it would run with the archive's secret. Returns its SHA-256 and the version
 * when we know it. Throws `sdk.library` with `reason` musl | missing | different, and a hint that says what to do.
 */
export function checkLibrary(
  choice: LibraryChoice,
  libc: Libc = thisLibc(),
): { sha256: string; version: string } {
  if (libc === 'musl') {
    throw refused('musl', {
      hint: '会话存档 SDK 只支持 glibc：请改用 Debian、Ubuntu、openEuler、麒麟等系统（Alpine 不行）/ the Finance SDK needs glibc, this is musl (Alpine)',
    })
  }
  const sha256 = digestOf(choice.library)
  if (!acceptedDigests(choice).includes(sha256)) {
    throw refused('different', {
      library: choice.library,
      sha256,
      hint: `会话存档 SDK 的 SHA-256 是 ${sha256}，不是已知版本：从企业微信开发者中心重新下载；确认是腾讯发布的新版本后，把该值设为 WECOM_SDK_SHA256 / the library is none we know: download it again, or vouch for it with WECOM_SDK_SHA256`,
    })
  }
  return { sha256, version: KNOWN[sha256] ?? 'WECOM_SDK_SHA256' }
}

function digestOf(library: string): string {
  try {
    return withDigest(library, sha256 => sha256)
  } catch (error) {
    throw fail(
      'sdk.library',
      {
        reason: 'missing',
        library,
        hint: `没有找到或读不到会话存档 SDK ${library}：从企业微信开发者中心下载 sdk_x86_v3（或 arm），解出 libWeWorkFinanceSdk_C.so 放到该处，或用 WECOM_SDK_LIBRARY 指明位置 / the Finance SDK is not there or cannot be read`,
      },
      error,
    )
  }
}

function refused(reason: string, details: Record<string, string>): Error {
  return fail('sdk.library', { reason, ...details })
}

export type Libc = 'glibc' | 'musl' | 'other'

/** Node's report names the glibc it runs on; on Linux without that it is musl. */
function thisLibc(): Libc {
  if (process.platform !== 'linux') return 'other'
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return report.header?.glibcVersionRuntime ? 'glibc' : 'musl'
}
