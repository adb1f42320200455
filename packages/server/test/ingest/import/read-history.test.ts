/** What files of history say: in every format the same, exact, and nothing that they do not say. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  HistoryFault,
  type HistoryRow,
  type HistorySource,
  type RefusedRow,
  readHistory,
} from "../../../src/index.ts";

const folder = await mkdtemp(join(tmpdir(), "cistern-history-test-"));
after(() => rm(folder, { recursive: true, force: true }));
// What a reading puts into the temporary folder is seen in one of its own.
process.env["TMPDIR"] = folder;
// Nothing is of the zone that this machine happens to be in.
process.env["TZ"] = "America/New_York";

let made = 0;

async function fileOf(ending: string, content: string | Uint8Array): Promise<string> {
  made += 1;
  const path = join(folder, `${made}${ending}`);
  await writeFile(path, content);
  return path;
}

async function parquetOf(select: string, name = `${made} [it's].parquet`): Promise<string> {
  made += 1;
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

interface Read {
  readonly rows: readonly Omit<HistoryRow, "file">[];
  readonly refused: readonly string[];
}

async function read(source: HistorySource): Promise<Read> {
  const refused: RefusedRow[] = [];
  const rows: Omit<HistoryRow, "file">[] = [];
  const onRefused = (row: RefusedRow): void => {
    refused.push(row);
  };
  for await (const { file: _file, ...row } of readHistory({ ...source, onRefused })) rows.push(row);
  return { rows, refused: refused.map(({ line, code, reason }) => `${line} ${code}: ${reason}`) };
}

const csv = async (text: string, source: Partial<HistorySource> = {}): Promise<Read> =>
  await read({ files: [await fileOf(".csv", text)], workspace: "acme", ...source });

const jsonl = async (text: string, source: Partial<HistorySource> = {}): Promise<Read> =>
  await read({ files: [await fileOf(".jsonl", text)], workspace: "acme", ...source });

const faultOf = async (reading: Promise<Read>): Promise<string> => {
  try {
    await reading;
  } catch (error) {
    assert.ok(error instanceof HistoryFault, String(error));
    return error.message;
  }
  throw new Error("It was read.");
};

test("the same rows are the same debits in CSV, JSON lines and Parquet", async () => {
  const csvFile = await fileOf(
    ".csv",
    [
      "id,member,meter,model,credits,input_text,output_text,occurredAt,run,project,attributes",
      `a,ana,chat,gpt-5,,1180,512,2026-03-29T01:30:00.123Z,,spring,"{""feature"":""draft""}"`,
      "b,ben,,,123456789012.123456,,,2026-03-29T00:30:00Z,r1,,",
      "c,ben,,,3.50,,,2026-03-29T03:30:00+02:00,,,",
      "",
    ].join("\r\n"),
  );
  const jsonFile = await fileOf(
    ".ndjson",
    [
      `{"id":"a","member":"ana","meter":"chat","model":"gpt-5","usage":{"input_text":1180,"output_text":512},"occurredAt":"2026-03-29T01:30:00.123Z","project":"spring","attributes":{"feature":"draft"}}`,
      `{"id":"b","member":"ben","credits":123456789012.123456,"occurredAt":"2026-03-29T00:30:00Z","run":"r1"}`,
      `{"id":"c","member":"ben","credits":"3.5","occurredAt":"2026-03-29T01:30:00Z","model":null}`,
    ].join("\n"),
  );
  const parquetFile = await parquetOf(
    `SELECT * FROM (VALUES
      ('a', 'ana', 'chat', 'gpt-5', NULL::DECIMAL(38, 9), {input_text: 1180::BIGINT, output_text: 512::BIGINT}, TIMESTAMPTZ '2026-03-29 03:30:00.123+02', NULL, 'spring', MAP {'feature': 'draft'}),
      ('b', 'ben', NULL, NULL, 123456789012.123456000, NULL, TIMESTAMPTZ '2026-03-29 00:30:00Z', 'r1', NULL, NULL),
      ('c', 'ben', NULL, NULL, 3.5, NULL, TIMESTAMPTZ '2026-03-29 01:30:00Z', NULL, NULL, NULL))
      AS t (id, member, meter, model, credits, usage, "occurredAt", run, project, attributes)`,
  );
  const reads: Read[] = [];
  for (const file of [csvFile, jsonFile, parquetFile])
    reads.push(await read({ files: [file], workspace: "acme" }));
  const expected = [
    {
      id: "b",
      workspace: "acme",
      occurredAtMs: Date.parse("2026-03-29T00:30:00Z"),
      debit: {
        member: "ben",
        credits: "123456789012.123456",
        occurredAt: "2026-03-29T00:30:00Z",
        run: "r1",
      },
    },
    {
      id: "c",
      workspace: "acme",
      occurredAtMs: Date.parse("2026-03-29T01:30:00Z"),
      debit: { member: "ben", credits: "3.5", occurredAt: "2026-03-29T01:30:00Z" },
    },
    {
      id: "a",
      workspace: "acme",
      occurredAtMs: Date.parse("2026-03-29T01:30:00.123Z"),
      debit: {
        member: "ana",
        meter: "chat",
        model: "gpt-5",
        usage: { input_text: 1180, output_text: 512 },
        occurredAt: "2026-03-29T01:30:00.123Z",
        project: "spring",
        attributes: { feature: "draft" },
      },
    },
  ];
  for (const { rows, refused } of reads) {
    assert.deepEqual(refused, []);
    assert.deepEqual(
      rows.map(({ line: _line, ...row }) => row),
      expected,
    );
  }
  assert.deepEqual(
    reads.map(({ rows }) => rows.map(({ line }) => line)),
    [
      [3, 4, 2],
      [2, 3, 1],
      [2, 3, 1],
    ],
  );
});

test("credits are read to the last digit, and never through a floating-point number", async () => {
  const written = "0.1 999999999999.999999 '0.000001' 1.0000000 0.0000001 1e3 -1 '1,5' NaN";
  const { rows, refused } = await jsonl(
    written
      .replaceAll("'", '"')
      .split(" ")
      .map(
        (credits) => `{"member":"ana","credits":${credits},"occurredAt":"2026-01-01T00:00:00Z"}\n`,
      )
      .join(""),
  );
  assert.deepEqual(
    rows.map(({ debit }) => debit.credits),
    ["0.1", "999999999999.999999", "0.000001", "1"],
  );
  assert.deepEqual(
    refused.map((one) => one.replace(/;.*/, "")),
    [
      '5 invalid_row: credits is "0.0000001"',
      '6 invalid_row: credits is "1e3"',
      '7 invalid_row: credits is "-1"',
      '8 invalid_row: credits is "1,5"',
      "9 malformed: The line is no JSON object.",
    ],
  );
  const floats = await parquetOf(
    `SELECT 'ana' AS member, 0.1::DOUBLE AS credits, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS "occurredAt"`,
  );
  assert.match(
    await faultOf(read({ files: [floats], workspace: "acme" })),
    /credits is a floating-point number.*DECIMAL\(18, 6\)/,
  );
});

test("whole numbers are taken as data frames write them, and no others", async () => {
  const { rows, refused } = await csv(
    `member,meter,input_text,occurredAt\n${[
      "12",
      "12.0",
      "0",
      "",
      "12.5",
      "-1",
      "1e3",
      "99999999999999",
    ]
      .map((text) => `ana,chat,${text},2026-01-01T00:00:00Z\n`)
      .join("")}`,
  );
  assert.deepEqual(
    rows.map(({ debit }) => debit.usage),
    [{ input_text: 12 }, { input_text: 12 }, { input_text: 0 }],
  );
  assert.equal(refused.length, 5);
});

test("an instant without an offset is of the zone that was said, and refused without one", async () => {
  const instants = [
    "2026-03-29 01:59:59",
    "2026-03-29 03:00:00",
    // The clock shows it twice: it is the first.
    "2026-10-25 02:30:00",
    "2026-10-25T02:30:00+01:00",
    "2026-10-25T01:30:00.999999Z",
  ];
  const text = `member,credits,occurredAt\n${instants.map((at) => `ana,1,${at}\n`).join("")}`;
  const berlin = await csv(text, { zone: "Europe/Berlin" });
  assert.deepEqual(
    berlin.rows.map(({ debit }) => debit.occurredAt),
    [
      "2026-03-29T00:59:59Z",
      "2026-03-29T01:00:00Z",
      "2026-10-25T00:30:00Z",
      "2026-10-25T01:30:00Z",
      "2026-10-25T01:30:00.999Z",
    ],
  );
  const none = await csv(text);
  assert.equal(none.rows.length, 2);
  assert.match(none.refused[0] ?? "", /^2 invalid_row: .*has no offset/);
  assert.match(await faultOf(csv(text, { zone: "Europe/Atlantis" })), /no time zone/);
  const naive = await parquetOf(
    `SELECT 'ana' AS member, 1 AS credits, TIMESTAMP '2026-07-01 12:00:00' AS "occurredAt"`,
  );
  const source = { files: [naive], workspace: "acme" };
  assert.equal((await read(source)).rows.length, 0);
  const [row] = (await read({ ...source, zone: "America/New_York" })).rows;
  assert.equal(row?.debit.occurredAt, "2026-07-01T16:00:00Z");
});

test("a name that looks like a pattern is one file", async () => {
  const row = (member: string) =>
    `SELECT '${member}' AS member, 1 AS credits, TIMESTAMPTZ '2026-01-01 00:00:00Z' AS "occurredAt"`;
  await parquetOf(row("ben"), "plain.parquet");
  const file = await parquetOf(row("ana"), "p*.parquet");
  const { rows } = await read({ files: [file], workspace: "acme" });
  assert.deepEqual(
    rows.map(({ debit }) => debit.member),
    ["ana"],
  );
});

test("a bare number counts what was said, and is refused where nothing was", async () => {
  const text = "member,credits,occurredAt\nana,1,1767225600\nana,1,1767225600.5\nana,1,20260101\n";
  const seconds = await csv(text, { time: "s" });
  assert.deepEqual(
    seconds.rows.map(({ debit }) => debit.occurredAt),
    ["1970-08-23T11:48:21Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500Z"],
  );
  const line = '{"member":"ana","credits":1,"occurredAt":1767225600250}\n';
  const milliseconds = await jsonl(line, { time: "ms" });
  assert.equal(milliseconds.rows[0]?.debit.occurredAt, "2026-01-01T00:00:00.250Z");
  const unsaid = await csv(text);
  assert.deepEqual(unsaid.rows, []);
  assert.match(unsaid.refused[0] ?? "", /--time s/);
  const wrong = await csv(
    "member,credits,occurredAt\nana,1,2026-02-30T00:00:00Z\nana,1,yesterday\n",
  );
  assert.equal(wrong.refused.length, 2);
});

test("hostile CSV is read as it is written, and a row in it keeps its line", async () => {
  const { rows, refused } = await csv(
    [
      "\uFEFFmember,credits,occurredAt,note",
      'ana,1,2026-01-01T00:00:00Z,"quote "" comma, and',
      ' a line"',
      "ana,1,2026-01-01T00:00:01Z,=HYPERLINK(1)",
      "",
      "ana,1,2026-01-01T00:00:02Z",
      "ana,1,2026-01-01T00:00:03Z,a,b",
      'ana,1,2026-01-01T00:00:04Z,x"y',
      "=1+1,1,2026-01-01T00:00:05Z,",
      'ana,1,2026-01-01T00:00:06Z," kept "',
      "  ben , 2 , 2026-01-01T00:00:07Z , ",
      "a/../b,1,2026-01-01T00:00:08Z,",
    ].join("\r\n"),
    { attributes: ["note"] },
  );
  assert.deepEqual(
    rows.map(({ line, debit }) => [line, debit.member, debit.attributes?.["note"]]),
    [
      [2, "ana", 'quote " comma, and\r\n a line'],
      [4, "ana", "=HYPERLINK(1)"],
      [10, "ana", " kept "],
      [11, "ben", undefined],
    ],
  );
  assert.deepEqual(
    refused.map((one) => one.split(":")[0]),
    ["6 malformed", "7 malformed", "8 malformed", "9 invalid_row", "12 invalid_row"],
  );
});

test("a file whose rows cannot be told apart is refused whole", async () => {
  const head = "member,credits,occurredAt\n";
  const row = "ana,1,2026-01-01T00:00:00Z\n";
  const endless = "x".repeat(1_100_000);
  const faults: readonly (readonly [() => Promise<Read>, RegExp])[] = [
    [async () => await csv(`${head}${row}"ana,1,2026-01-01T00:00:00Z\n${row}`), /Quote Not Closed/],
    [
      async () => await csv(`${head}"ana"x,1,2026-01-01T00:00:00Z\n${row}`),
      /Invalid Closing Quote/,
    ],
    [async () => await csv(`${head}${row}${endless},1,2\n${row}`), /line 3: Max Record Size/],
    [async () => await jsonl(`{"a":"${endless}"}\n{}\n`), /line 1: Max Record Size/],
    [
      async () =>
        await read({
          files: [await fileOf(".csv", Uint8Array.from([...Buffer.from(head), 0xe4, 0x2c, 0x31]))],
          workspace: "acme",
        }),
      /is no UTF-8/,
    ],
    [
      async () => await read({ files: [await fileOf(".parquet", "PAR1")] }),
      /cannot be read as Parquet/,
    ],
    [async () => await read({ files: [await fileOf(".xlsx", "")] }), /say its format/],
    [
      async () => await read({ files: [join(folder, "nowhere.csv")] }),
      /nowhere\.csv cannot be read/,
    ],
  ];
  for (const [reading, expected] of faults) assert.match(await faultOf(reading()), expected);
});

test("a column of which nothing is known is refused, as it might be usage", async () => {
  const text = "member,meter,input_text,cached,occurredAt\nana,chat,1,2,2026-01-01T00:00:00Z\n";
  assert.match(
    await faultOf(csv(text)),
    /has "cached", of which nothing is known.*--ignore cached/,
  );
  const usage = async (source: Partial<HistorySource>) =>
    (await csv(text, source)).rows[0]?.debit.usage;
  assert.deepEqual(await usage({ map: { cache_read: "cached" } }), {
    input_text: 1,
    cache_read: 2,
  });
  assert.deepEqual(await usage({ ignore: ["cached"] }), { input_text: 1 });
  assert.deepEqual(await usage({ map: { input_text: "cached" }, ignore: ["input_text"] }), {
    input_text: 2,
  });
  const line = '{"member":"ana","credits":1,"occurredAt":"2026-01-01T00:00:00Z","more":1}\n';
  assert.match((await jsonl(line)).refused[0] ?? "", /has "more"/);
  assert.match(await faultOf(csv("member,member,occurredAt\n")), /two columns "member"/);
  assert.match(
    await faultOf(csv("user,credits,occurredAt\n")),
    /no column "member".*--map member=/,
  );
});

test("credits and usage of one row are not both charged", async () => {
  const { refused } = await csv(
    "member,meter,credits,input_text,occurredAt\nana,chat,1,2,2026-01-01T00:00:00Z\nana,chat,,,2026-01-01T00:00:00Z\n",
  );
  assert.match(refused[0] ?? "", /both credits and usage/);
  assert.match(refused[1] ?? "", /neither credits nor usage/);
});

test("a level says from when to when it was there, and comes in its place when it was over", async () => {
  const head = "member,meter,stored_gib,credits,occurredAt,from,to\n";
  const day = (number: number): string => `2026-01-0${number}T00:00:00Z`;
  const { rows, refused } = await csv(
    `${head}ana,storage,12,,,${day(1)},${day(3)}\nben,,,1,${day(2)},,\nana,storage,1,,,${day(1)},\nana,storage,1,,${day(1)},${day(1)},${day(2)}\nana,storage,1,,,${day(1)},soon\n`,
    { map: { stored_gib: "stored_gib" } },
  );
  assert.deepEqual(
    rows.map(({ line, debit }) => [line, debit.occurredAt, debit.from, debit.to]),
    [
      [3, day(2), undefined, undefined],
      [2, undefined, day(1), day(3)],
    ],
  );
  assert.match(refused[0] ?? "", /^4 invalid_row: to is empty: a level says both/);
  assert.match(refused[1] ?? "", /^5 invalid_row: .*a level has no other time/);
  assert.match(refused[2] ?? "", /^6 invalid_row: to is "soon"/);
  const row = `ana,storage,12,x,${day(1)},${day(3)}\n`;
  const without = await csv(`member,meter,stored_gib,occurredAt,from,to\n${row}`, {
    map: { stored_gib: "stored_gib" },
    ignore: ["occurredAt"],
  });
  assert.deepEqual([without.rows.length, without.refused], [1, []]);
  // These words are no times where somebody says what they are.
  const mail = await csv(`member,credits,occurredAt,from,to\nana,1,${day(1)},a@b,c@d\n`, {
    attributes: ["from"],
    ignore: ["to"],
  });
  assert.deepEqual(mail.rows[0]?.debit.attributes, { from: "a@b" });
});

test("what is left out is not read, also where it is a field", async () => {
  const text = `member,meter,credits,input_text,occurredAt\nana,chat,1,2,2026-01-01T00:00:00Z\n`;
  const { rows } = await csv(text, { ignore: ["credits"] });
  assert.deepEqual(rows[0]?.debit.usage, { input_text: 2 });
});

test("rows come in the order of time across files, and one of an id", async () => {
  const head = "id,member,credits,occurredAt\n";
  const first = await fileOf(
    ".csv",
    `${head}1,ana,1,2026-01-03T00:00:00Z\n2,ana,2,2026-01-01T00:00:00Z\n`,
  );
  const second = await fileOf(
    ".csv",
    `${head}2,ana,2,2026-01-01T00:00:00Z\n1,ana,9,2026-01-03T00:00:00Z\n3,ana,3,2026-01-02T00:00:00Z\n,ana,3,2026-01-02T00:00:00Z\n`,
  );
  const { rows, refused } = await read({ files: [first, second], workspace: "acme" });
  assert.deepEqual(
    rows.map(({ id }) => id),
    ["2", "3", "1"],
  );
  assert.deepEqual(
    refused.map((one) => one.split(":")[0]),
    ["5 invalid_row", "3 id_reused"],
  );
});

test("a compressed file is read like the one that was compressed, and one that is cut off has no effect", async () => {
  const text = "member,credits,occurredAt\nana,1,2026-01-01T00:00:00Z\nben,2.5,x\n";
  const lines = '{"member":"ana","credits":"1","occurredAt":"2026-01-01T00:00:00Z"}\n';
  const folded = [
    [".csv.gz", text],
    [".tsv.GZ", text.replaceAll(",", "\t")],
    [".jsonl.gz", lines],
  ] as const;
  for (const [ending, content] of folded) {
    const { rows, refused } = await read({
      files: [await fileOf(ending, gzipSync(content))],
      workspace: "acme",
    });
    assert.deepEqual(
      rows.map(({ line, debit }) => [line, debit.member, debit.credits]),
      [[ending === ".jsonl.gz" ? 1 : 2, "ana", "1"]],
      ending,
    );
    if (ending !== ".jsonl.gz") assert.match(refused[0] ?? "", /^3 invalid_row: occurredAt is "x"/);
  }
  const two = Buffer.concat([gzipSync(text), gzipSync("ana,2,2026-01-01T00:00:00Z\n")]);
  assert.equal(
    (await read({ files: [await fileOf(".csv.gz", two)], workspace: "acme" })).rows.length,
    2,
  );
  const whole = gzipSync(text.repeat(1));
  for (const bytes of [whole.subarray(0, whole.length - 9), Buffer.from(text), Buffer.alloc(0)])
    await assert.rejects(
      async () => await read({ files: [await fileOf(".csv.gz", bytes)], workspace: "acme" }),
      (error) => error instanceof HistoryFault,
    );
  const parquet = await fileOf(".parquet.gz", gzipSync("PAR1"));
  await assert.rejects(
    async () => await read({ files: [parquet], workspace: "acme" }),
    /Parquet in gzip/,
  );
});

test("a reading that is left early, or fails, leaves no folder behind", async () => {
  const left = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith("cistern-history-"));
  const row = "ana,1,2026-01-01T00:00:00Z\n";
  const file = await fileOf(".csv", `member,credits,occurredAt\n${row.repeat(9)}`);
  for await (const { workspace } of readHistory({ files: [file], workspace: "acme" })) {
    assert.equal(workspace, "acme");
    assert.equal((await left()).length, 1);
    break;
  }
  await assert.rejects(
    readHistory({ files: [file], workspace: "no good" }).next(),
    /line 2: workspace is no id of a workspace: no good/,
  );
  assert.deepEqual(await left(), []);
});
