using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LinuxMem.Architecture.Tests.Rules;

/// <summary>What a built assembly uses, read from its metadata: true whatever the source looks like.</summary>
internal sealed class AssemblyTypes
{
    private AssemblyTypes(IReadOnlyList<string> assemblies, IReadOnlyList<string> types)
    {
        Assemblies = assemblies;
        Types = types;
    }

    /// <summary>Names of the assemblies that it uses something of, sorted.</summary>
    public IReadOnlyList<string> Assemblies { get; }

    /// <summary>Full names of the types of other assemblies that it uses, sorted.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>Reads an assembly.</summary>
    public static AssemblyTypes Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var assemblies = reader.AssemblyReferences
            .Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name));
        var types = reader.TypeReferences
            .Select(reader.GetTypeReference)
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference)
            .Select(type => reader.GetString(type.Namespace) + "." + reader.GetString(type.Name));
        return new AssemblyTypes(Sorted(assemblies), Sorted(types));
    }

    private static List<string> Sorted(IEnumerable<string> names) =>
        names.Distinct().Order(StringComparer.Ordinal).ToList();
}
