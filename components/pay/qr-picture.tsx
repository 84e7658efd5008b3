import { qrPath } from "@/lib/kit/qr-path.ts";

/** A QR code: dark on white in every theme, at least 240 px wide. */
export function QrPicture({ payload, label }: { payload: string; label: string }) {
  const { path, size } = qrPath(payload);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" className="w-full max-w-[264px] min-w-[240px] rounded-card border bg-white text-black">
      <path d={path} fill="currentColor" />
    </svg>
  );
}
