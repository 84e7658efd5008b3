/** Staff roles (domain 1.1) with the words people read. Pure. */
export const roles = ["director", "accountant", "manager", "operator", "integrator"] as const;
export type Role = (typeof roles)[number];

export const roleLabels: Record<Role, string> = {
  director: "Директор",
  accountant: "Бухгалтер",
  manager: "Менеджер",
  operator: "Оператор",
  integrator: "Интегратор",
};
