import { streamStatus } from "@/app/pay/[token]/live-status.ts";

export async function GET(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  return streamStatus(request, { invoiceToken: (await params).token });
}
