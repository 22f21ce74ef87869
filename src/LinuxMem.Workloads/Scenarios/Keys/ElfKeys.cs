using System.Collections.Immutable;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Programs;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of a program that is an ELF file of the host.</summary>
internal static class ElfKeys
{
    private const int TextsMax = 4096;
    private const int CharsMax = 4096;

    /// <summary>The program; its file is looked for when the scenario is read.</summary>
    public static Shape<ElfSpec?> Shape()
    {
        var text = new TextShape(0, CharsMax);
        var path = Key.Required("path", new TextShape(1, CharsMax), "Its absolute path, under \"sysroot\".");
        var arguments = Key.Optional("args", new ListShape<string>(text, TextsMax, "arguments"), [],
            "What argv has; left out, the path alone.");
        var environment = Key.Optional("env", new ListShape<string>(text, TextsMax, "variables"), [],
            "The environment, each \"NAME=value\"; left out, none.");
        var sysroot = Key.Optional("sysroot", new TextShape(1, CharsMax), "/",
            "The directory of the host that stands for the root: the program, its interpreter and libraries are read "
            + "below it.");
        return new ObjectShape<ElfSpec?>("an ELF program", [path, arguments, environment, sysroot], v =>
        {
            Sysroot? root = Open(v, sysroot);
            if (root is null)
                return null;
            string file = v.Get(path);
            if (root.Find(file) is null)
                v.Fail(path, $"there is no \"{file}\" under {v.Get(sysroot)}; expected the absolute path of a program");
            ImmutableArray<string> words = v.Has(arguments) ? v.Get(arguments) : [file];
            return new ElfSpec(file, words, v.Get(environment), root);
        });
    }

    private static Sysroot? Open(KeyValues v, Key<string> sysroot)
    {
        try
        {
            return new Sysroot(v.Get(sysroot));
        }
        catch (ConfigurationException)
        {
            v.Fail(sysroot, $"there is no directory \"{v.Get(sysroot)}\"; expected one that holds a system's files");
            return null;
        }
    }
}
