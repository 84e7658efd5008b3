import { crc32, deflateRawSync } from "node:zlib";
import { fromBuffer } from "yauzl";

const MAX_UNPACKED = 64 * 1024 * 1024;

/** A one-file archive as УТ sends it with zip=yes. */
export function zipOne(name: string, bytes: Buffer): Buffer {
  const file = Buffer.from(name, "utf8");
  const packed = deflateRawSync(bytes);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x0800, 2); // names are UTF-8
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, file, packed]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, Buffer.alloc(14), file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06", "latin1"), end]);
}

/** The first file of an archive. */
export function unzipFirst(archive: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.once("error", reject);
      zip.once("end", () => reject(new Error("архив пуст")));
      zip.once("entry", (entry) => {
        if (entry.uncompressedSize > MAX_UNPACKED) return reject(new Error("архив слишком велик"));
        zip.openReadStream(entry, (failed, stream) => {
          if (failed) return reject(failed);
          const chunks: Buffer[] = [];
          stream.on("data", (chunk: Buffer) => chunks.push(chunk));
          stream.once("error", reject);
          stream.once("end", () => resolve(Buffer.concat(chunks)));
        });
      });
      zip.readEntry();
    });
  });
}
