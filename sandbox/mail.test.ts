import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { expect, it } from "vitest";
import { createSandbox } from "./server.ts";

it("mail box: Cyrillic subject, text, HTML and a file with a long Russian name arrive whole", async () => {
  const dir = mkdtempSync(join(tmpdir(), "sandbox-mail-"));
  const box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir });
  try {
    const name = "Счёт на оплату № УТ00-000815 от 21 ноября 2026 г. для покупателя.pdf";
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));
    await createTransport({ host: box.urls.smtpHost, port: box.urls.smtpPort, secure: false }).sendMail({
      from: "«Строй-Дом» <shop@example.ru>", to: "buyer@example.ru", subject: "Чек по заказу № УТ00-000815: спасибо за покупку в нашем магазине",
      text: "Здравствуйте!\nОплата получена = 100 %.", textEncoding: "quoted-printable", html: "<p>Оплата <b>получена</b></p>", attachments: [{ filename: name, content: bytes }],
    });
    const { letters } = await (await fetch(`${box.urls.http}/_ctl/mail?to=buyer@example.ru`)).json();
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ to: ["buyer@example.ru"], subject: "Чек по заказу № УТ00-000815: спасибо за покупку в нашем магазине", html: "<p>Оплата <b>получена</b></p>" });
    expect(letters[0].text.trim().replace(/\r/g, "")).toBe("Здравствуйте!\nОплата получена = 100 %.");
    expect(letters[0].attachments[0].name).toBe(name);
    const file = await fetch(box.urls.http + letters[0].attachments[0].url);
    expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
  } finally {
    await box.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
