using System.Xml.Linq;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>What project files may refer to.</summary>
internal static class ProjectRules
{
    /// <summary>References of a project to rooms that it should not know.</summary>
    public static IEnumerable<string> ForbiddenReferences(SourceFile project)
    {
        string name = Path.GetFileNameWithoutExtension(project.Path);
        var may = MayReferTo(name);
        if (may is null)
            return [$"{project.Path}: this room is not in the table of rooms"];
        return References(project, "ProjectReference")
            .Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))
            .Where(reference => !may.Contains(reference))
            .Select(reference => $"{project.Path}: refers to {reference}");
    }

    /// <summary>Akka packages in a project that should not know Akka.</summary>
    public static IEnumerable<string> ForbiddenAkka(SourceFile project)
    {
        string name = Path.GetFileNameWithoutExtension(project.Path);
        string room = name.Replace("LinuxMem.", "").Replace(".Tests", "");
        if (name == Benchmarks || Rooms.KnowAkka.Contains(room))
            return [];
        return References(project, "PackageReference")
            .Where(package => package.StartsWith("Akka", StringComparison.Ordinal))
            .Select(package => $"{project.Path}: uses {package}");
    }

    /// <summary>Settings by which a project would slip out of the rules that hold for all.</summary>
    public static IEnumerable<string> OwnRules(SourceFile project)
    {
        string[] shared = ["TreatWarningsAsErrors", "Nullable", "NoWarn", "WarningsNotAsErrors", "TargetFramework"];
        return XDocument.Parse(project.Text).Descendants()
            .Where(element => shared.Contains(element.Name.LocalName) || element.Attribute("Version") is not null)
            .Select(element => $"{project.Path}: {element.Name.LocalName} belongs to the Directory.*.props files");
    }

    private const string Benchmarks = "LinuxMem.Benchmarks";

    /// <summary>Names of the projects that a project may refer to; null if it is none of ours.</summary>
    private static List<string>? MayReferTo(string project)
    {
        string room = project.Replace("LinuxMem.", "", StringComparison.Ordinal);
        bool isTests = room.EndsWith(".Tests", StringComparison.Ordinal);
        room = room.Replace(".Tests", "", StringComparison.Ordinal);
        if (room is "Architecture" or "Benchmarks" or "Scoreboard")
            return Rooms.Allowed.Keys.Select(each => "LinuxMem." + each).ToList();
        if (!Rooms.Allowed.TryGetValue(room, out var allowed))
            return null;
        var names = allowed.Select(each => "LinuxMem." + each).ToList();
        if (isTests)
            names.Add("LinuxMem." + room);
        // Whole machines are tested with the scenarios that users run.
        if (isTests && room == "Actors")
            names.Add("LinuxMem.Workloads");
        return names;
    }

    private static IEnumerable<string> References(SourceFile project, string kind) =>
        XDocument.Parse(project.Text).Descendants(kind).Select(element => element.Attribute("Include")?.Value ?? "");
}
