using System.Globalization;
using System.Text;
using CsCheck;
using LinuxMem.Abi;
using LinuxMem.Workloads.Lackey;

namespace LinuxMem.Workloads.Tests.Lackey;

public class LackeyParserFuzz
{
    private static readonly string[] Prefixes = ["I  ", " L ", " S ", " M "];

    private static readonly string[] Samples =
    [
        "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> [pre-success] Success(0x4035000) ",
        "SYSCALL[7,2](257) sys_openat ( 4294967196, 0x4834b30(/lib/a b), 524288 ) --> [async] ... ",
        "SYSCALL[7,2](257) ... [async] --> Success(0x5) ", "SYSCALL[7,1](3) sys_close ( 5 )[sync] --> Success(0x0) ",
        "SYSCALL[7,1](334) unimplemented (by the kernel) syscall: 334! (ni_syscall)", " --> [pre-fail] Failure(0x26) ",
        "SYSCALL[7,1](56) sys_clone ( 1200011, 0x0, 0x0, 0x1000, 0x0 )   clone(fork): process 7 created child 8",
        "SYSCALL[7,1](59) sys_execve ( 0x10a045(/bin/true), 0x1fff000c10, 0x1fff000dd8 )", "==7== Lackey, an example",
        "--7-- x", "",
    ];

    private static readonly Gen<string> Access =
        Gen.Select(Gen.Int[0, 3].Select(i => Prefixes[i]), Gen.ULong, Gen.Int[0, 60], Gen.Int[1, 99],
            (kind, va, shift, size) => kind + (va >> shift).ToString("x8", CultureInfo.InvariantCulture) + "," + size);

    private static readonly Gen<string> Line = Gen.Frequency(
        (20, Access), (4, Gen.Int[0, Samples.Length - 1].Select(i => Samples[i])),
        (1, Gen.String[Gen.Char[' ', '~'], 0, 40]));

    [Fact]
    public void Plain_accesses_are_what_a_naive_reader_makes_of_them() =>
        Access.Array[1, 300].Sample(
            lines =>
            {
                var (found, counts) = Parse(string.Join('\n', lines) + "\n", int.MaxValue, 64);
                Assert.Equal(lines.SelectMany(Naive), found);
                return counts.Accesses + counts.Rejected == lines.Length;
            },
            iter: 500, threads: 1);

    [Fact]
    public void Neither_chunks_nor_buffers_change_what_is_read() =>
        Gen.Select(Line.Array[1, 200], Gen.Int[1, 50], Gen.Int[2, 20]).Sample(
            (lines, chunk, room) =>
            {
                string text = string.Join('\n', lines) + "\n";
                var (expected, counts) = Parse(text, int.MaxValue, 4096);
                var (found, again) = Parse(text, chunk, room);
                Assert.Equal(expected, found);
                return counts.Lines == lines.Length && again.Lines == lines.Length && again.Rejected == counts.Rejected
                    && again.Notes == counts.Notes && again.Calls == counts.Calls;
            },
            iter: 500, threads: 1);

    [Fact]
    public void Damaged_logs_are_read_to_their_end_with_every_line_counted_once() =>
        Gen.Select(Line.Array[1, 60], Gen.Select(Gen.Int[0, 5000], Gen.Byte).Array[0, 10]).Sample(
            (lines, damage) =>
            {
                var bytes = Encoding.Latin1.GetBytes(string.Join('\n', lines) + "\n");
                foreach (var (at, value) in damage)
                    bytes[at % bytes.Length] = value;
                string text = Encoding.Latin1.GetString(bytes);
                var (_, counts) = Parse(text, 100, 64);
                return counts.Lines == text.Count(c => c == '\n') + (text.EndsWith('\n') ? 0 : 1);
            },
            iter: 2000, threads: 1);

    private static IEnumerable<string> Naive(string line)
    {
        string[] parts = line[3..].Split(',');
        ulong va = ulong.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        ulong size = ulong.Parse(parts[1], CultureInfo.InvariantCulture);
        string kind = line[0] == 'I' ? "Execute" : line[1] == 'L' ? "Read" : "Write";
        if (va > ulong.MaxValue - (size - 1))
            yield break;
        ulong last = va + size - 1;
        yield return $"{kind} {va:x}";
        if (last >> 12 != va >> 12)
            yield return $"{kind} {last >> 12 << 12:x}";
    }

    private static ulong Start(AccessBatch batch, AccessRun run) =>
        run.IsScatter ? ScatterEntry.AddressOf(batch.Scatter[run.Start]) : run.Start;

    private static (List<string> Found, LackeyCounts Counts) Parse(string text, int chunk, int room)
    {
        var counts = new LackeyCounts();
        using var parser = new LackeyParser(new ChunkStream(Encoding.Latin1.GetBytes(text), chunk), "log", counts);
        var packed = new ulong[room];
        var found = new List<string>();
        var batch = new AccessBatch(12);
        for (; ; )
        {
            switch (parser.Read(packed))
            {
                case LackeyItem.End:
                    return (found, counts);
                case LackeyItem.Accesses:
                    for (int i = 0; i < parser.PackedCount; i++)
                        found.Add($"{ScatterEntry.KindOf(packed[i])} {ScatterEntry.AddressOf(packed[i]):x}");
                    break;
                case LackeyItem.WideAccess:
                    batch.Reset();
                    batch.AddAccess(parser.Access.Kind, parser.Access.Va, parser.Access.Bytes);
                    foreach (var run in batch.Runs.AsSpan(0, batch.RunCount))
                        found.Add($"{parser.Access.Kind} {Start(batch, run):x}");
                    break;
                case LackeyItem.Call:
                    found.Add($"{parser.Call.Nr} {parser.Call.Outcome} {parser.Call.Result} {parser.Call.ArgCount}");
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Gives a few bytes at a time, as a pipe does.</summary>
    private sealed class ChunkStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, chunk));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);
    }
}
