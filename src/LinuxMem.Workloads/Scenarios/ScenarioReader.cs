using System.Collections.Frozen;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Scenarios.Json;
using LinuxMem.Workloads.Scenarios.Keys;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios;

/// <summary>
/// Reads scenarios: JSON with comments and units, strictly. All mistakes of a file are found at once, and nothing has
/// run.
/// </summary>
/// <remarks>
/// Each message is `path:line:column: error: what is wrong; what was expected`; a column counts code points. The keys
/// are in <see cref="ScenarioSchema"/>, the grammar of numbers in the room's README.
/// </remarks>
public static class ScenarioReader
{
    /// <summary>The longest file that is read.</summary>
    public const int BytesMax = 16 << 20;

    // Every scenario stands on one: thousands are read where machines are explored.
    private static readonly FrozenDictionary<string, Node> ProfileTrees =
        ScenarioKeys.Profiles.ToFrozenDictionary(name => name, ReadProfileTree, StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; messages begin with it.</param>
    /// <param name="sets">Changes as `machine.cpus=8`, made in this order before anything is checked.</param>
    /// <exception cref="ConfigurationException">
    /// Every mistake in the file and the changes; or it is no regular file, or too long.
    /// </exception>
    /// <exception cref="IOException">
    /// The file is missing or cannot be read (also <see cref="UnauthorizedAccessException"/>).
    /// </exception>
    public static Scenario ReadFile(string path, IReadOnlyList<string> sets) => Parse(ReadText(path), path, sets);

    /// <summary>Reads the text of a file, unchecked.</summary>
    /// <exception cref="ConfigurationException">It is no regular file, or too long.</exception>
    /// <exception cref="IOException">As for <see cref="ReadFile"/>.</exception>
    public static ReadOnlyMemory<byte> ReadText(string path) => TextFile.Read(path, BytesMax);

    /// <summary>Reads a text.</summary>
    /// <param name="utf8">The text; a byte order mark is allowed.</param>
    /// <param name="pathForMessages">What messages call it.</param>
    /// <param name="sets">Changes, as for <see cref="ReadFile"/>.</param>
    /// <exception cref="ConfigurationException">Every mistake in the text and the changes.</exception>
    public static Scenario Parse(ReadOnlyMemory<byte> utf8, string pathForMessages, IReadOnlyList<string> sets)
    {
        var errors = new Errors();
        pathForMessages = Quoting.Clean(pathForMessages);
        if (utf8.Length > BytesMax)
            errors.Add(new Position(pathForMessages),
                $"is longer than {BytesMax >> 20} MiB; expected a scenario of at most that size");
        Node? root = errors.IsEmpty ? JsonTree.Read(utf8.Span, pathForMessages, errors) : null;
        if (root is null)
        {
            errors.ThrowIfAny(pathForMessages);
            throw new KernelBug("a text was not read, and there is no error");
        }

        foreach (string set in sets)
            root = Overrides.Apply(root, set, errors);
        var context = new ReadContext(errors);
        ScenarioKeys.Scenario.TryRead(WithProfile(root, context), context, out Scenario scenario);
        errors.ThrowIfAny(pathForMessages);
        return scenario;
    }

    /// <summary>The machine of a profile that is built in.</summary>
    internal static MachineSettings ReadProfile(string name)
    {
        var errors = new Errors();
        var context = new ReadContext(errors);
        ScenarioKeys.Profile.TryRead(ProfileTrees[name], context, out MachineSettings machine);
        errors.ThrowIfAny(name);
        return machine;
    }

    /// <summary>The document with what its profile says about the machine below it.</summary>
    private static Node WithProfile(Node root, ReadContext context)
    {
        if (root.Kind != NodeKind.Object)
            return root;
        string profile = ScenarioKeys.Profiles[0];
        if (root.Find(ScenarioKeys.ProfileName) is { } named)
        {
            // A wrong name is reported when the key is read; here the default stands in for it.
            if (named.Kind == NodeKind.String && ScenarioKeys.Profiles.Contains(named.Text))
                profile = named.Text;
        }

        Node? machine = ProfileTrees[profile].Find(ScenarioKeys.MachineName);
        if (machine is null)
            return root;
        var defaults = new Node(NodeKind.Object, root.Position)
        {
            Members = [new Member(ScenarioKeys.MachineName, machine.Position, machine)],
        };
        return Overrides.Merge(defaults, root);
    }

    private static Node ReadProfileTree(string name)
    {
        byte[]? bytes = EmbeddedConfig.Find(name);
        Node? tree = bytes is null ? null : JsonTree.Read(bytes, $"profile {name}", new Errors());
        KernelBug.Assert(tree is not null, $"the built-in profile {name} is missing or no JSON");
        return tree;
    }
}
