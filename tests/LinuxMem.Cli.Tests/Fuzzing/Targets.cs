using System.CommandLine;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Cli.Commands;
using LinuxMem.Cli.Seams;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Mm.Exec;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Lackey;
using LinuxMem.Workloads.Scenarios;
using LinuxMem.Workloads.Scenarios.Generated;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Cli.Tests.Fuzzing;

/// <summary>A parser to be fuzzed: what it reads when all is well, and a reading that ends in words or well.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Corpus">Valid inputs.</param>
/// <param name="Words">Pieces that mean something to it.</param>
/// <param name="Read">
/// Reads, and returns the messages of what is wrong, empty if nothing is; throws nothing else.
/// </param>
internal sealed record Target(
    string Name, IReadOnlyList<byte[]> Corpus, IReadOnlyList<byte[]> Words, Func<byte[], IReadOnlyList<string>> Read)
{
    private const int LinesMax = 200;
    private const int PieceLines = 25;
    private static readonly Lazy<RootCommand> Root = new(MakeRoot);

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, Func<Target>> All { get; } = new Dictionary<string, Func<Target>>
    {
        ["scenario"] = Scenarios,
        ["lackey"] = Lackey,
        ["strace"] = Strace,
        ["elf"] = Elf,
        ["command-line"] = CommandLine,
    };

    /// <summary>The messages of a log or a command line, of which not a line may be bad.</summary>
    public static IReadOnlyList<string> Strictly(string name, byte[] text) => name switch
    {
        "lackey" => Messages(() => ReadLackey(text)),
        "strace" => Messages(() => StraceLog.Read(new MemoryStream(text), "fuzz", strict: true)),
        _ => ReadCommandLine(text),
    };

    private static Target Scenarios() => new("scenario",
        [
            .. BuiltIn.Names.Select(name => BuiltIn.Open(name).ToArray()).Where(text => text.Length < 8192),
            .. Enumerable.Range(1, 40).Select(seed => RandomScenario.Text((ulong)seed)),
        ],
        Texts("{", "}", "[", "]", "\"", ",", ":", "//", "/*", "*/", "\"steps\": [", "{ \"loop\": ", "\"count\": ",
            "\"64KiB\"", "\"1ms\"", "null", "true", "\\u0000", "\\ud800", "\ufeff", "\u2028", "\n", "\r\n", "\t", "-"),
        text => Messages(() => ScenarioReader.Parse(text, "fuzz", [])));

    private static Target Lackey() => new("lackey", PiecesOf("tests/LinuxMem.Workloads.Tests/Lackey/true.lackey.xz"),
        Texts("I  ", " L ", " S ", " M ", "==7== ", "SYSCALL[7,1](12) sys_brk ( 0x0 ) --> ", "Success(0x4000)", "\n",
            "Failure(0x26) ", "[async] ... ", ",", "0000000000000000", "\0", "--7-- "),
        text => Messages(() => ReadLackey(text)));

    private static Target Strace() => new("strace",
        [
            .. Directory.GetFiles(RealRun.RepositoryFile("tests/LinuxMem.Workloads.Tests/Strace/Data"), "*.xz")
                .Order(StringComparer.Ordinal).SelectMany(PiecesOf),
        ],
        Texts("[pid 7] ", "<unfinished ...>", "<... mmap resumed>", ") = ", "= ?", "-1 ENOMEM (Cannot allocate memory)",
            "+++ killed by SIGKILL +++", "--- SIGSEGV {", "}", "{", "[", "]", "\"", "\"...", "|", ", ", "0x7f", "\n",
            "\\", "\\377", "=> ", "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000\n"),
        text => Messages(() => ReadStrace(text)));

    private static Target Elf() => new("elf", [SampleElf.Program(), SampleElf.Interpreted()],
        [
            [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0, 0, 0, 0, 0x80], [0, 0x10], [6], [7], [1], [3],
            "/lib/ld.so"u8.ToArray(),
        ],
        ReadElf);

    private static Target CommandLine() => new("command-line",
        [
            .. Commands.Select(line => Encoding.UTF8.GetBytes(line.Replace(' ', '\0'))),
        ],
        Texts("\0", "--", "-", "\0--seed\0", "\0--set\0", "machine.cpus=8", "=", "..", "\0--help", "@file", "'", "\"",
            "\0--json", "\0--out\0", ":", ",", "\u001b[31m", "99999999999999999999"),
        ReadCommandLine);

    private static IReadOnlyList<string> Commands { get; } =
    [
        "run", "schema", "scenarios tiny", "--version", "diff -- ls", "faults --json",
        "run tiny --seed 7 --threads 2 --audit round --json", "run --set machine.cpus=8 --set engine.windowNs=500",
        "run tiny --fault failslab=10,100,0,-1,ignore-gfp-wait=N --heal-at 5ms",
        "run thrashing --events e.txt --events-kind page_fault_user,sched:* --events-to 5ms",
        "explore --generate --seeds 1..100 --strategy pct:3 --swarm --workers 2",
        "replay a.log --strict --layout=linux",
        "compare thrashing --policies two-list,mglru --seeds 1..10", "scale mmap1 --cpus 1,2,4..128 --locks mmap_lock",
        "proc --at 1.5ms --out m", "mrc prog.log --policies lru,clock,opt", "mutants --allow-mutants --only M10,M19",
        "fail-nth every-fault", "power-cut every-fault", "shrink random:7 --runs 10 --out small.json",
    ];

    private static IReadOnlyList<byte[]> Texts(params string[] words) => [.. words.Select(Encoding.UTF8.GetBytes)];

    // The first lines, in pieces: what comes later is of the same kinds, and a short input is damaged as well as a long
    // one.
    private static List<byte[]> PiecesOf(string path)
    {
        using Stream stream = InputFile.Open(Path.IsPathRooted(path) ? path : RealRun.RepositoryFile(path));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var pieces = new List<byte[]>();
        var text = new StringBuilder();
        for (int i = 1; i <= LinesMax && reader.ReadLine() is { } line; i++)
        {
            text.Append(line).Append('\n');
            if (i % PieceLines != 0)
                continue;
            pieces.Add(Encoding.Latin1.GetBytes(text.ToString()));
            text.Clear();
        }

        if (text.Length > 0)
            pieces.Add(Encoding.Latin1.GetBytes(text.ToString()));
        return pieces;
    }

    private static IReadOnlyList<string> Messages(Action read)
    {
        try
        {
            read();
            return [];
        }
        catch (ConfigurationException e)
        {
            return e.Messages.Count > 0 ? e.Messages : [""];
        }
    }

    private static void ReadLackey(byte[] text)
    {
        foreach (bool strict in new[] { false, true })
        {
            var counts = new LackeyCounts();
            using var parser = new LackeyParser(new MemoryStream(text), "fuzz", counts, strict);
            ulong[] packed = new ulong[256];
            while (parser.Read(packed) != LackeyItem.End)
            {
            }

            int lines = text.Count(b => b == '\n') + (text.Length > 0 && text[^1] != '\n' ? 1 : 0);
            Assert.Equal(lines, counts.Lines);
        }
    }

    private static void ReadStrace(byte[] text)
    {
        StraceLog log = StraceLog.Read(new MemoryStream(text), "fuzz", strict: false);
        Assert.True(log.Counts.AddUp);
        foreach (StraceEvent happened in log.Events)
        {
            _ = happened.Result;
            foreach (StraceField field in happened.Arguments)
                _ = field.Value.ToString();
        }

        Assert.Equal(log.Events.Count, ScriptPlanner.Plan(log).Scripts.Sum(script => script.Events.Count));
    }

    private static IReadOnlyList<string> ReadElf(byte[] bytes)
    {
        var source = new ExternalFile(ExternalKind.Regular, (ulong)bytes.Length);
        var file = new ExecFile("/fuzz", (ulong)bytes.Length, (offset, into) =>
        {
            int count = (int)Math.Min((ulong)into.Length, (ulong)bytes.Length - Math.Min(offset, (ulong)bytes.Length));
            bytes.AsSpan((int)Math.Min(offset, (ulong)bytes.Length), count).CopyTo(into.Span);
            return count;
        })
        { Source = source };
        Errno program = ElfReader.ReadProgram(file, out ElfImage? image);
        Assert.Equal(program == Errno.None, image is not null);
        Assert.True(program is Errno.None or Errno.ENOEXEC or Errno.EIO or Errno.EINVAL or Errno.ENOMEM, $"{program}");
        ElfReader.ReadInterpreter(file, out _);
        return [];
    }

    private static IReadOnlyList<string> ReadCommandLine(byte[] text)
    {
        string[] words = Encoding.UTF8.GetString(text).Split('\0').Take(400).ToArray();
        ParseResult parsed = Root.Value.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        return [.. parsed.Errors.Select(error => SafeText.Clean(error.Message, 1000))];
    }

    private static RootCommand MakeRoot()
    {
        var rooms = new FakeRooms();
        var services = new CommandServices
        {
            Simulator = rooms,
            Scenarios = rooms,
            Replays = rooms,
            MissStudies = rooms,
            Recorder = rooms,
            Scale = rooms,
            Seconds = () => 0,
        };
        return LinuxMemCommand.Build(new CommandContext([], TextWriter.Null, TextWriter.Null, services));
    }
}
