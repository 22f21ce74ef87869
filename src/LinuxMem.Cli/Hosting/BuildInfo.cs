using System.Reflection;

namespace LinuxMem.Cli.Hosting;

/// <summary>Which build this is.</summary>
internal static class BuildInfo
{
    /// <summary>The version, as --version prints it.</summary>
    public static string Version { get; } = typeof(BuildInfo).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
