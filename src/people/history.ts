import { type Db, type House, open, sql, type Tx } from '../base/index.ts'
import type { Party } from './contract.ts'
import { departmentContext, personContext, type SealedPerson } from './directory.ts'
import type { DepartmentRow, EmployeeRow } from './store.ts'

/** Keep what the directory says from now on beside what it said before. */
export async function keepVersions(
  tx: Tx,
  corp: number,
  changed: { employees: EmployeeRow[]; departments: DepartmentRow[] },
  at: number,
): Promise<void> {
  const { employees, departments } = changed
  const when = new Date(at)
  const list = JSON.stringify(employees.map(row => ({ ...row, sealed: row.sealed.toString('hex') })))
  await sql`
    INSERT INTO employee_history (corp_id, userid, known_from, departments, sealed)
    SELECT ${corp}::smallint, r.userid, ${when}::timestamptz, r.departments, decode(r.sealed, 'hex')
    FROM jsonb_to_recordset(${list}::jsonb) AS r(userid text, departments int[], sealed text)
    ON CONFLICT DO NOTHING`.execute(tx)
  await sql`
    INSERT INTO department_history (corp_id, id, known_from, sealed)
    SELECT ${corp}::smallint, id, ${when}::timestamptz, sealed
    FROM unnest(${departments.map(row => row.id)}::int[], ${departments.map(row => row.sealed)}::bytea[]) AS r (id, sealed)
    ON CONFLICT DO NOTHING`.execute(tx)
}

/**
 * Employees as they were called, and where they worked, at a moment (epoch ms). Of the time before our first look at the
 * directory we know no better than that look. Who was never in it is not in the answer.
 */
export async function staffThen(
  db: Db,
  house: House,
  ids: readonly string[],
  at: number,
): Promise<Map<string, Party>> {
  const when = new Date(at)
  const { rows } = await sql<{ userid: string; departments: number[]; sealed: Buffer }>`
    SELECT DISTINCT ON (userid) userid, departments, sealed FROM employee_history
    WHERE corp_id = ${house.corp} AND userid = ANY(${[...ids]}::text[])
    ORDER BY userid, (known_from > ${when}), CASE WHEN known_from <= ${when} THEN -extract(epoch FROM known_from)
      ELSE extract(epoch FROM known_from) END`.execute(db)
  const names = await departmentNames(
    db,
    house,
    rows.flatMap(row => row.departments.slice(0, 1)),
    when,
  )
  const { key } = await house.keys.own(db)
  return new Map(
    rows.map(({ userid, departments, sealed }) => {
      const { name } = JSON.parse(open(key, sealed, personContext(house, userid)).toString()) as SealedPerson
      const department = names.get(departments[0] ?? Number.NaN) ?? null
      return [userid, { id: userid, kind: 'staff', name, department }]
    }),
  )
}

async function departmentNames(
  db: Db,
  house: House,
  ids: number[],
  when: Date,
): Promise<Map<number, string>> {
  const { rows } = await sql<{ id: number; sealed: Buffer }>`
    SELECT DISTINCT ON (id) id, sealed FROM department_history
    WHERE corp_id = ${house.corp} AND id = ANY(${ids}::int[])
    ORDER BY id, (known_from > ${when}), CASE WHEN known_from <= ${when} THEN -extract(epoch FROM known_from)
      ELSE extract(epoch FROM known_from) END`.execute(db)
  const { key } = await house.keys.own(db)
  return new Map(
    rows.map(({ id, sealed }) => {
      const { name } = JSON.parse(open(key, sealed, departmentContext(house, id)).toString()) as {
        name: string
      }
      return [id, name]
    }),
  )
}
