import { KINDS } from '../../../src/archive/contract.ts'
import { maybe } from '../../i18n/index.ts'

export const kindWord = (kind: string): string => maybe(`kind.${kind}`) ?? kind

/** Kinds that can be searched for by name. */
export const SEARCHED_KINDS = KINDS.filter(kind => kind !== 'revoke' && kind !== 'switch')
