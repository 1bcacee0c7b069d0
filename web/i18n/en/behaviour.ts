/** Behaviour rules: on the desk and on the page of rules. */
export const behaviour = {
  'behaviour.ground': 'Behaviour',
  'behaviour.found': 'Found: {found}',
  'behaviour.rule': 'Condition: {words}',
  'behaviour.version': 'Rule {rule}, version {version} · {threshold}',
  'behaviour.members': 'Messages it rests on ({n})',
  'behaviour.more': '{n} more',
  'behaviour.open': 'See it in the conversation',
  'behaviour.event': 'an event of the platform, no message',
  'behaviour.step.on': 'counted',
  'behaviour.step.then': 'followed',
  'behaviour.step.unless': 'made good',
  'behaviour.title': 'Behaviour rules ({n})',
  'behaviour.what':
    'What no single sentence shows: the same words from several people, a promise taken back, a complaint nobody answers, advice without a word on risk, customers lost in numbers. Counted by the time messages were sent; one alert for the same matter a day.',
  'behaviour.hits': '{n} in the last 30 days',
  'behaviour.noHits': 'none in the last 30 days',
  'behaviour.examples': 'Examples ({n})',
  'behaviour.fires': 'must alert',
  'behaviour.clean': 'must pass',
  'behaviour.failed': 'The behaviour rules could not be read',
}
