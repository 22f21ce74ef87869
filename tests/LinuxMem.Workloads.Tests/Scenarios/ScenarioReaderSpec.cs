using System.Diagnostics;
using System.Reflection;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Workloads.Tests.Scenarios;

public sealed class ScenarioReaderSpec
{
    private const string Processes = "\"processes\": [ { \"name\": \"p\", \"steps\": [ \"yield\" ] } ]";

    [Fact]
    public void Everything_that_a_scenario_can_say_arrives()
    {
        Scenario s = Parse("""
            {
              "$schema": "x", "name": "full", "description": "All.", "seed": 18446744073709551615, "profile": "linux-6",
              "machine": {
                "cpus": 8, "memory": "1.5GiB", "paging": "x86-64-la57", "contents": "bytes", "slice": "1.5ms",
                "minFreeKbytes": 4096, "watermarkScaleFactor": 20, "maxMapCount": 100, "stackGuardGapPages": 16,
                "mmapMinAddr": "64KiB", "pcpHighPages": 32,
                "tlb": { "l1Data": { "sets": 8, "ways": 2, "replacement": "fifo" }, "walkCache": 0, "asids": 1 },
                "costs": { "hitNs": 2, "forkNs": 50000, "ipiNs": 3000 },
              },
              "engine": { "windowNs": 500, "threads": 2, "audit": "round", "scheduleSeed": 7, "maxVirtual": "10s" },
              "processes": [
                { "name": "p", "count": 3, "startAt": "1us", "every": "20ns", "steps": [ "yield" ],
                  "limits": { "stack": "1MiB", "data": "unlimited", "as": 4096, "memlock": 0 }, },
              ],
            }
            """);
        Assert.Equal(("full", "All.", ulong.MaxValue), (s.Name, s.Description, s.Seed));
        MachineSettings m = s.Machine;
        Assert.Equal((8, 3UL << 29, PagingGeometry.X86_64La57, ContentMode.Bytes, 1_500_000L),
            (m.Cpus, m.MemoryBytes, m.Paging, m.Contents, m.SliceNs));
        Assert.Equal(
            new VmSettings
            {
                MinFreeKbytes = 4096,
                WatermarkScaleFactor = 20,
                MaxMapCount = 100,
                StackGuardGapPages = 16,
                MmapMinAddr = 65536,
                PcpHighPages = 32,
            },
            m.Vm);
        Assert.Equal(new TlbSettings(new(8, 2, TlbReplacement.Fifo), new(16, 4), new(128, 12), 0, 1), m.Tlb);
        Assert.Equal(new MmuCosts { HitNs = 2 }, m.MmuCosts);
        Assert.Equal(new KernelCosts { ForkNs = 50000, IpiNs = 3000 }, m.KernelCosts);
        Assert.Equal(
            new EngineSettings
            {
                WindowNs = 500,
                Threads = 2,
                Audit = AuditLevel.Round,
                ScheduleSeed = 7,
                MaxVirtualNs = 10_000_000_000,
            },
            s.Engine);
        Assert.Equal([1000L, 1020, 1040], s.Processes.Select(p => p.StartNs));
        Assert.All(s.Processes, p => Assert.Equal(new ResourceLimits(1 << 20, ulong.MaxValue, 4096, 0), p.Limits));
        Assert.NotSame(s.Processes[0].CreateProgram(), s.Processes[1].CreateProgram());
    }

    [Fact]
    public void The_profile_linux_6_says_what_the_settings_say_by_themselves() =>
        Assert.Equal(new MachineSettings(), ScenarioReader.ReadProfile("linux-6"));

    [Fact]
    public void What_a_scenario_leaves_out_comes_from_the_profile_and_the_defaults()
    {
        Scenario s = Parse("{ \"name\": \"t\", " + Processes + " }");
        Assert.Equal(new MachineSettings(), s.Machine);
        Assert.Equal(new EngineSettings(), s.Engine);
        Assert.Equal(1UL, s.Seed);
    }

    [Fact]
    public void Sets_change_the_document_in_their_order()
    {
        Scenario s = Parse("{ \"name\": \"t\", \"seed\": 3, " + Processes + " }",
            "machine.cpus=2", "machine.cpus=8", "machine.memory=64MiB", "seed=9", "machine.tlb.l2={\"sets\":64}",
            "processes.0.count=4", "description=a = b");
        Assert.Equal((8, 64UL << 20, 9UL, 64, "a = b"),
            (s.Machine.Cpus, s.Machine.MemoryBytes, s.Seed, s.Machine.Tlb.L2.Sets, s.Description));
        Assert.Equal(4, s.Processes.Count);
    }

    [Theory]
    [InlineData("\r\n", 3), InlineData("\n", 3), InlineData("\r", 3)]
    public void Lines_end_in_any_of_the_three_ways(string newLine, int line)
    {
        string text = "\uFEFF{ \"name\": \"t\"," + newLine + newLine + " \"x\": 1, " + Processes + " }";
        string message = Assert.Single(MalformedScenarioSpec.Messages(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith($"t.json:{line}:2: error: unknown key \"x\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\r\n"), InlineData("\n"), InlineData("\r")]
    public void Comments_end_in_any_of_the_three_ways(string newLine)
    {
        string text = "// one" + newLine + "{ // two" + newLine + newLine + " \"name\" ? 1 }";
        string message = Assert.Single(MalformedScenarioSpec.Messages(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith("t.json:4:9: error: not valid JSON", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_named_with_their_place()
    {
        byte[] text = [.. "{ \"name\":\n\"日"u8, 0xe6, 0x97, .. "\" }"u8];
        Assert.Equal(["t.json:2:3: error: the byte 0xe6 is not valid UTF-8; expected text in UTF-8"],
            MalformedScenarioSpec.Messages(text));
    }

    [Theory]
    [InlineData(64, false), InlineData(65, true), InlineData(50_000, true)]
    public void Nesting_stops_at_64_levels(int depth, bool isTooDeep)
    {
        string text = string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));
        string message = Assert.Single(MalformedScenarioSpec.Messages(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(isTooDeep
            ? "t.json:1:65: error: objects and arrays are nested too deep; expected at most 64 levels"
            : "t.json:1:1: error: the document is an array; expected a scenario, an object { ... }", message);
    }

    [Fact]
    public void At_most_twenty_mistakes_are_listed()
    {
        string keys = string.Join(", ", Enumerable.Range(0, 30).Select(i => $"\"unknown{i}\": 0"));
        string text = "{ \"name\": \"t\", " + Processes + ", " + keys + " }";
        IReadOnlyList<string> messages = MalformedScenarioSpec.Messages(Encoding.UTF8.GetBytes(text));
        Assert.Equal(21, messages.Count);
        Assert.Equal("t.json: error: there are more mistakes; the first 20 are listed", messages[20]);
    }

    [Fact]
    public void A_big_file_of_small_values_is_refused_without_much_memory()
    {
        byte[] text = Encoding.UTF8.GetBytes("[" + string.Concat(Enumerable.Repeat("0,", 2_000_000)) + "0]");
        Assert.Equal(["t.json:1:2000000: error: there are more than 1000000 values; expected fewer"],
            MalformedScenarioSpec.Messages(text));
        Assert.Equal(["t.json: error: is longer than 16 MiB; expected a scenario of at most that size"],
            MalformedScenarioSpec.Messages(new byte[(16 << 20) + 1]));
    }

    [Fact]
    public void A_file_is_read_and_what_is_no_file_is_refused_without_being_opened()
    {
        string directory = Directory.CreateTempSubdirectory("linuxmem-").FullName;
        try
        {
            string good = Path.Combine(directory, "good.json");
            File.WriteAllText(good, "{ \"name\": \"t\", " + Processes + " }");
            Assert.Equal("t", ScenarioReader.ReadFile(good, []).Name);
            string wrong = Path.Combine(directory, "wrong.json");
            File.WriteAllText(wrong, "{}");
            Assert.StartsWith(wrong + ":1:1: error: ", Refused(wrong), StringComparison.Ordinal);
            Assert.Equal($"{directory}: error: is a directory; expected a file", Refused(directory));
            string missing = Path.Combine(directory, "missing.json");
            Assert.Throws<FileNotFoundException>(() => ScenarioReader.ReadFile(missing, []));
            string big = Path.Combine(directory, "big.json");
            File.WriteAllBytes(big, new byte[(16 << 20) + 1]);
            Assert.StartsWith(big + ": error: is longer than 16 MiB", Refused(big), StringComparison.Ordinal);
            if (!OperatingSystem.IsLinux())
                return;
            string fifo = Path.Combine(directory, "fifo");
            using (var mkfifo = Process.Start("mkfifo", [fifo]))
                mkfifo.WaitForExit();
            Assert.Equal($"{fifo}: error: is a pipe or a device; expected a regular file", Refused(fifo));
            Assert.Equal("/dev/zero: error: is a pipe or a device; expected a regular file", Refused("/dev/zero"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Each_cost_has_a_key_of_its_name()
    {
        // Twice: each key alone must reach its own field, so that no two are mixed up.
        foreach (Type type in new[] { typeof(MmuCosts), typeof(KernelCosts) })
        {
            foreach (PropertyInfo field in type.GetProperties().Where(p => p.PropertyType == typeof(int)))
            {
                string key = char.ToLowerInvariant(field.Name[0]) + field.Name[1..];
                int value = field.Name == "EntryNs" ? 77 : 7777;
                MachineSettings m = Parse("{ \"name\": \"t\", " + Processes + " }",
                    $"machine.costs.{key}={value}").Machine;
                Assert.Equal(value, field.GetValue(type == typeof(MmuCosts) ? m.MmuCosts : m.KernelCosts));
            }
        }
    }

    private static string Refused(string path) =>
        Assert.Throws<ConfigurationException>(() => ScenarioReader.ReadFile(path, [])).Messages[0];

    private static Scenario Parse(string text, params string[] sets) =>
        ScenarioReader.Parse(Encoding.UTF8.GetBytes(text), "t.json", sets);
}
