namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>The rooms of the house, and who may know whom.</summary>
internal static class Rooms
{
    /// <summary>By room, the rooms that it may refer to. A new room takes its place here first.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        ["Abi"] = [],
        ["Arch"] = ["Abi"],
        ["Simulation"] = ["Abi", "Arch"],
        ["Mm"] = ["Abi", "Arch", "Simulation"],
        ["Workloads"] = ["Abi", "Arch", "Simulation"],
        ["Audit"] = [],
        ["Reporting"] = ["Abi", "Arch", "Simulation"],
        ["Actors"] = ["Abi", "Arch", "Simulation", "Mm", "Audit"],
        ["Proofs"] = ["Abi", "Arch", "Simulation", "Mm"],
        ["Testing"] = ["Abi", "Simulation", "Workloads", "Actors", "Reporting"],
        ["Cli"] = ["Abi", "Simulation", "Workloads", "Actors", "Audit", "Reporting", "Testing", "Proofs"],
    };

    /// <summary>The rooms that may know Akka.</summary>
    public static IReadOnlySet<string> KnowAkka { get; } = new HashSet<string> { "Actors", "Cli" };

    /// <summary>The rooms of the model: no files, no threads, no console.</summary>
    public static IReadOnlyList<string> Pure { get; } = ["Abi", "Arch", "Simulation", "Mm", "Audit"];

    /// <summary>Path of a room's built assembly, beside the tests.</summary>
    public static string AssemblyPath(string room) =>
        Path.Combine(AppContext.BaseDirectory, room == "Cli" ? "linuxmem.dll" : $"LinuxMem.{room}.dll");
}
