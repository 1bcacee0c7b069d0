import type { RuleDetail } from '../../../src/monitor/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { conditionWords } from './condition-words.ts'

/** More words than these are folded. */
const SHOWN = 10

/** What makes a rule speak, in words: terms, nearness, conditions. No expression is shown, only how many there are. */
export function RuleContent({ rule }: { rule: RuleDetail }) {
  return (
    <dl className="rule-content">
      {rule.terms.length > 0 ? (
        <Line name={t('rule.terms', { n: figure(rule.terms.length) })}>
          <Words words={rule.terms} />
        </Line>
      ) : null}
      {rule.near.map(near => (
        <Line key={JSON.stringify(near)} name={t('rule.near')}>
          <p>
            {t(near.anyOrder ? 'rule.nearAny' : 'rule.nearOrder', {
              n: near.within,
              in: t(`rule.in.${near.in}`),
            })}
          </p>
          <p className="rule-groups">
            {near.groups.map((group, i) => (
              <span key={group.join('/')}>
                {i > 0 ? <i>{near.anyOrder ? '＋' : '→'}</i> : null}
                <b>{group.join(' / ')}</b>
              </span>
            ))}
          </p>
          {near.notNear ? (
            <p className="quiet">
              {t('rule.notNear', { n: near.notNear.within, words: near.notNear.words.join('、') })}
            </p>
          ) : null}
        </Line>
      ))}
      {rule.patterns > 0 ? (
        <Line name={t('rule.patterns')}>{t('rule.patternsN', { n: figure(rule.patterns) })}</Line>
      ) : null}
      {rule.when ? <Line name={t('rule.when')}>{conditionWords(rule.when)}</Line> : null}
      <Scope rule={rule} />
      <Line name={t('rule.examples', { n: figure(rule.examples.length) })}>
        <Examples rule={rule} />
      </Line>
    </dl>
  )
}

function Line({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Words({ words }: { words: string[] }) {
  const rest = words.slice(SHOWN)
  return (
    <>
      {words.slice(0, SHOWN).join('、')}
      {rest.length > 0 ? (
        <details>
          <summary className="link">{t('rule.more', { n: figure(rest.length) })}</summary>
          {rest.join('、')}
        </details>
      ) : null}
    </>
  )
}

function Scope({ rule }: { rule: RuleDetail }) {
  const { channels = [], audience = [] } = rule.scope
  if (channels.length + audience.length === 0) return null
  const names = [
    ...channels.map(channel => t(`channel.${channel}`)),
    ...audience.map(listener => t(`listener.${listener}`)),
  ]
  return <Line name={t('rule.scope')}>{names.join('、')}</Line>
}

function Examples({ rule }: { rule: RuleDetail }) {
  return (
    <details>
      <summary className="link">{t('rule.seeExamples')}</summary>
      <ul className="rule-examples">
        {rule.examples.map(example => (
          <li key={`${example.fires}${example.text}`}>
            <span className={`tag ${example.fires ? 'fires' : ''}`}>
              {t(example.fires ? 'rule.fires' : 'rule.clean')}
            </span>
            <span>{example.text}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
