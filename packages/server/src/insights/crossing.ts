import type { AlertFinding, AlertGrade, AlertSubject } from "@cistern/kernel";

/** Something to be raised. Whoever folds the same events comes to the same key, so that it is raised once. */
export interface Crossing {
  readonly rule: string;
  readonly key: string;
  readonly subject: AlertSubject;
  readonly finding: AlertFinding;
  readonly grade: AlertGrade;
}
