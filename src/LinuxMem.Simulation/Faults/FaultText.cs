using System.Globalization;
using System.Text;

namespace LinuxMem.Simulation.Faults;

/// <summary>
/// Faults as people write them: <c>name=interval,probability,space,times[,key=value...]</c>, Linux's boot parameter
/// and what it cannot say.
/// </summary>
public static class FaultText
{
    private const int IntMax = int.MaxValue;

    /// <summary>The keys that every fault has beside the four numbers, with what they take.</summary>
    private static readonly IReadOnlyList<FaultParameter> Common =
    [
        new("verbose", FaultValueKind.Word, "2", "", "0", "1", "2"),
        new("task-filter", FaultValueKind.Flag, "N", ""),
        new("require", FaultValueKind.Glob, "*", ""),
        new("reject", FaultValueKind.Glob, "", ""),
    ];

    /// <summary>Reads one fault.</summary>
    /// <exception cref="ConfigurationException">It is none; the message says what is expected.</exception>
    public static FaultRule Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? text : text[..equals];
        FaultPoint point = FaultPoint.Find(name) ?? throw new ConfigurationException(
            $"there is no fault point \"{Shown(name)}\"; expected one of "
            + string.Join(", ", FaultPoint.All.Select(p => p.Name)));
        string[] parts = equals < 0 ? [] : text[(equals + 1)..].Split(',');
        if (parts.Length < 4)
        {
            throw new ConfigurationException($"the fault {name} has {parts.Length} of the 4 numbers; expected "
                + $"{name}=interval,probability,space,times such as {name}=1,100,0,-1");
        }

        var attr = new FaultAttr
        {
            Interval = Number(name, "interval", parts[0], 1, IntMax),
            Probability = Number(name, "probability", parts[1], 0, 100),
            Space = Number(name, "space", parts[2], 0, IntMax),
            Times = parts[3] == "-1" ? -1 : Number(name, "times", parts[3], 0, IntMax),
        };
        var given = new Dictionary<string, string>();
        foreach (string part in parts.Skip(4))
            Add(given, point, part);
        return Make(point, attr, given);
    }

    /// <summary>Makes a fault of its numbers and what is given beside them.</summary>
    /// <param name="point">Which.</param>
    /// <param name="attr">The numbers.</param>
    /// <param name="given">Keys with their values, checked by <see cref="Check"/>.</param>
    public static FaultRule Make(FaultPoint point, FaultAttr attr, IReadOnlyDictionary<string, string> given) =>
        new(point, attr with
        {
            Verbose = given.TryGetValue("verbose", out string? verbose) ? verbose[0] - '0' : attr.Verbose,
            TaskFilter = given.TryGetValue("task-filter", out string? filter) ? filter == "Y" : attr.TaskFilter,
            Require = given.GetValueOrDefault("require", attr.Require),
            Reject = given.GetValueOrDefault("reject", attr.Reject),
        })
        {
            Parameters = [.. point.Parameters.Where(p => given.ContainsKey(p.Name))
                .Select(p => KeyValuePair.Create(p.Name, given[p.Name]))],
        };

    /// <summary>What is wrong with a key and its value for a point; null if nothing is.</summary>
    public static string? Check(FaultPoint point, string key, string value)
    {
        FaultParameter? parameter = Common.Concat(point.Parameters).FirstOrDefault(p => p.Name == key);
        if (parameter is null)
        {
            return $"the fault {point} has no parameter \"{Shown(key)}\"; expected one of "
                + string.Join(", ", Common.Concat(point.Parameters).Select(p => p.Name));
        }

        return parameter.Accepts(value, out string expected)
            ? null : $"{key} of the fault {point} is \"{Shown(value)}\"; expected {expected}";
    }

    /// <summary>A fault as <see cref="Parse"/> reads it.</summary>
    public static string Format(FaultRule rule)
    {
        FaultAttr attr = rule.Attr;
        var usual = new FaultAttr();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{rule.Point}={attr.Interval},{attr.Probability},{attr.Space},{attr.Times}");
        if (attr.Verbose != usual.Verbose)
            text.Append(CultureInfo.InvariantCulture, $",verbose={attr.Verbose}");
        if (attr.TaskFilter)
            text.Append(",task-filter=Y");
        if (attr.Require != usual.Require)
            text.Append(",require=").Append(attr.Require);
        if (attr.Reject.Length > 0)
            text.Append(",reject=").Append(attr.Reject);
        foreach (KeyValuePair<string, string> parameter in rule.Parameters)
            text.Append(',').Append(parameter.Key).Append('=').Append(parameter.Value);
        return text.ToString();
    }

    private static void Add(Dictionary<string, string> given, FaultPoint point, string part)
    {
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new ConfigurationException($"\"{Shown(part)}\" of the fault {point} is not of the form key=value");
        string key = part[..equals], value = part[(equals + 1)..];
        if (Check(point, key, value) is { } problem)
            throw new ConfigurationException(problem);
        if (!given.TryAdd(key, value))
            throw new ConfigurationException($"{key} of the fault {point} is given twice");
    }

    private static int Number(string fault, string key, string text, int least, int most)
    {
        if (FaultNumbers.TryCount(text, out int value) && value >= least && value <= most)
            return value;
        string also = key == "times" ? ", or -1 for no limit" : "";
        throw new ConfigurationException(
            $"{key} of the fault {fault} is \"{Shown(text)}\"; expected a whole number from {least} to {most}{also}");
    }

    private static string Shown(string text) =>
        new([.. text.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
}
