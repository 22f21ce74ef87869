namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>What the code of a room may use, by the names in its built assembly.</summary>
internal static class DependencyRules
{
    /// <summary>Atomic operations are no threads: an MMU sets accessed and dirty bits with them.</summary>
    private static readonly string[] AllowedOfThreading = ["System.Threading.Interlocked", "System.Threading.Volatile"];

    private static readonly string[] Outside =
    [
        "System.IO.", "System.Threading.", "System.Net.", "System.Console", "System.Diagnostics.Process", "Microsoft.",
    ];

    /// <summary>
    /// The kernel is told what to simulate; how it is run, and what is made of the results, is not its business.
    /// </summary>
    private static readonly string[] NotForTheKernel =
    [
        "LinuxMem.Simulation.Results.",
        "LinuxMem.Simulation.Settings.EngineSettings",
        "LinuxMem.Simulation.Settings.AuditLevel",
        "LinuxMem.Simulation.Settings.Scenario",
        "LinuxMem.Simulation.Settings.ProcessSpec",
    ];

    /// <summary>
    /// Files, threads, tasks, console: nothing for the model, which is a function of its scenario and seed.
    /// </summary>
    public static IEnumerable<string> Impure(IEnumerable<string> types) => types.Where(type =>
        (StartsWithAny(type, Outside) && !AllowedOfThreading.Contains(type)) || IsAsync(type));

    /// <summary>What the kernel should not know of the simulator.</summary>
    public static IEnumerable<string> NotForMm(IEnumerable<string> types) =>
        types.Where(type => StartsWithAny(type, NotForTheKernel));

    /// <summary>Assemblies of rooms, and Akka, that a room uses without being allowed to.</summary>
    public static IEnumerable<string> ForbiddenAssemblies(string room, IEnumerable<string> assemblies) =>
        assemblies.Where(name => name.StartsWith("LinuxMem.", StringComparison.Ordinal)
            ? !Rooms.Allowed[room].Contains(name["LinuxMem.".Length..])
            : name.StartsWith("Akka", StringComparison.Ordinal) && !Rooms.KnowAkka.Contains(room));

    private static bool IsAsync(string type) =>
        type.StartsWith("System.Runtime.CompilerServices.Async", StringComparison.Ordinal)
        && type.Contains("MethodBuilder", StringComparison.Ordinal);

    private static bool StartsWithAny(string type, string[] beginnings) =>
        beginnings.Any(beginning => type.StartsWith(beginning, StringComparison.Ordinal));
}
