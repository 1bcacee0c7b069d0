type Side = 'app' | 'archive'

export type IpGate = {
  /** Lets only these in, or everybody when nothing is given; of both applications unless one is named. */
  allow(addresses: readonly string[] | undefined, side?: Side): void
  allows(side: Side, address: string): boolean
}

/** 企业可信IP of the application and the archive's own list (wecom-api.md §1.5). */
export function createIpGate(): IpGate {
  const lists: Record<Side, readonly string[] | undefined> = { app: undefined, archive: undefined }
  return {
    allow: (addresses, side) => {
      if (side !== 'archive') lists.app = addresses
      if (side !== 'app') lists.archive = addresses
    },
    allows: (side, address) => lists[side]?.includes(address.replace(/^::ffff:/, '')) ?? true,
  }
}

/** What the administrator's console has granted; changed by the world, read by every endpoint. */
export type Access = {
  /** The application stands in 客户联系 → API → 可调用接口的应用; otherwise 48002. */
  customerApi: boolean
  /** 301052 when expired, 301053 when never opened. */
  archive: 'open' | 'expired' | 'closed'
  /** Members outside 可见范围 (60011, 50002). */
  hidden: Set<string>
  /** Hosts of 可信域名; undefined trusts all (50001). */
  trustedHosts: readonly string[] | undefined
}

export function createAccess(): Access {
  return { customerApi: true, archive: 'open', hidden: new Set(), trustedHosts: undefined }
}
