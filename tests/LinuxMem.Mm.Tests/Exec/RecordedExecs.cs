using System.Globalization;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Exec;

/// <summary>An execve that Linux carried out, and what came of it.</summary>
internal sealed class RecordedExec(string path)
{
    public string Path { get; } = path;

    public List<string> Arguments { get; } = [];

    public List<string> Maps { get; } = [];

    public List<ulong> Auxv { get; } = [];

    public ulong[] Stat { get; set; } = [];

    public override string ToString() => $"{Path} with {Arguments.Count} arguments";
}

/// <summary>The recordings of layouts.txt: files by their headers, and what running them made.</summary>
internal sealed class RecordedExecs
{
    public static readonly string[] Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/tmp/w"];

    private readonly SortedDictionary<string, (ulong Size, List<(ulong At, byte[] Bytes)> Chunks)> files =
        new(StringComparer.Ordinal);

    private readonly SortedSet<string> notExecutable = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> links = new(StringComparer.Ordinal);

    private RecordedExecs()
    {
    }

    public static RecordedExecs All { get; } = Read();

    public List<RecordedExec> Runs { get; } = [];

    public List<(string Path, string Outcome)> Refusals { get; } = [];

    public ExternalFile? Find(string path)
    {
        string real = links.GetValueOrDefault(path, path);
        if (real is "/usr" or "")
            return new ExternalFile(ExternalKind.Directory);
        if (!files.TryGetValue(real, out var file))
            return null;
        return new ExternalFile(ExternalKind.Regular, file.Size, (at, into) => Fill(file.Chunks, file.Size, at, into))
        {
            RealPath = real,
            MayExecute = !notExecutable.Contains(real),
        };
    }

    private static int Fill(List<(ulong At, byte[] Bytes)> chunks, ulong size, ulong offset, Memory<byte> into)
    {
        int count = (int)Math.Min((ulong)into.Length, size - offset);
        for (int i = 0; i < count; i++)
        {
            ulong at = offset + (ulong)i;
            (ulong start, byte[] bytes) = chunks.FirstOrDefault(
                c => at >= c.At && at < c.At + (ulong)c.Bytes.Length, (0UL, []));
            into.Span[i] = bytes.Length == 0 ? (byte)0 : bytes[at - start];
        }

        return count;
    }

    private static RecordedExecs Read()
    {
        var all = new RecordedExecs();
        string last = "";
        string folder = Path.Combine(AppContext.BaseDirectory, "Exec");
        IEnumerable<string> lines = File.ReadLines(Path.Combine(folder, "layouts.txt"))
            .Concat(File.ReadLines(Path.Combine(folder, "refusals.txt")));
        foreach (string line in lines.Where(l => !l.StartsWith('#')))
        {
            string key = line[..line.IndexOf(' ')];
            string rest = line[(key.Length + 1)..];
            string[] words = rest.Split(' ');
            switch (key)
            {
                case "file":
                    last = words[0];
                    all.files[last] = (ulong.Parse(words[1], CultureInfo.InvariantCulture), []);
                    if (words.Length > 2)
                        all.notExecutable.Add(last);
                    break;
                case "bytes":
                    all.files[last].Chunks.Add(
                        (ulong.Parse(words[0], CultureInfo.InvariantCulture), Convert.FromHexString(words[1])));
                    break;
                case "link":
                    all.links[words[0]] = words[1];
                    break;
                case "run":
                    all.Runs.Add(new RecordedExec(rest));
                    break;
                case "arg":
                    all.Runs[^1].Arguments.Add(rest);
                    break;
                case "map":
                    all.Runs[^1].Maps.Add(rest.Replace(" -", "", StringComparison.Ordinal));
                    break;
                case "aux":
                    all.Runs[^1].Auxv.Add(ulong.Parse(words[0], CultureInfo.InvariantCulture));
                    all.Runs[^1].Auxv.Add(Hex(words[1]));
                    break;
                case "fail":
                    all.Refusals.Add((words[0], rest[(words[0].Length + 1)..]));
                    break;
                case "stat":
                    all.Runs[^1].Stat = [.. words.Select(Hex)];
                    break;
            }
        }

        return all;
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
