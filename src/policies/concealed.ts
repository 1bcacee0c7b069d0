/** Insider dealing and money laundering (regulation.md §3.0). */
const CATEGORIES = ['INSIDER', 'AML']
/** The person concerned and the chain above him. */
const CHAIN = ['supervisor', 'adviser']

/** The category of a rule stands before its number: GUAR-01 → GUAR. */
export const categoryOf = (rule: string): string => rule.replace(/-[^-]*$/, '')

/** Is what this category finds hidden from the person and the chain above? */
export const isConcealedCategory = (category: string): boolean => CATEGORIES.includes(category)

/** May this role not learn of what is concealed? */
export const isInChain = (role: string): boolean => CHAIN.includes(role)
