-- How staff and departments were called before: one row for each version, from when we learnt it. WeCom tells the
-- present only, so nothing is known of the time before the first row. Never updated.
CREATE TABLE employee_history (
  corp_id smallint NOT NULL,
  userid text NOT NULL,
  known_from timestamptz NOT NULL,
  departments int[] NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (corp_id, userid, known_from)
);
CREATE TABLE department_history (
  corp_id smallint NOT NULL,
  id int NOT NULL,
  known_from timestamptz NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (corp_id, id, known_from)
);
INSERT INTO employee_history SELECT corp_id, userid, synced_at, departments, sealed FROM employee;
INSERT INTO department_history SELECT corp_id, id, synced_at, sealed FROM department;
GRANT SELECT, INSERT ON employee_history, department_history TO tongjian_app;
