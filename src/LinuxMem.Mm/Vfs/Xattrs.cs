using System.Text;

namespace LinuxMem.Mm.Vfs;

/// <summary>Names with values that were attached to a file.</summary>
/// <remarks>
/// Linux: fs/ext4/xattr.c, v6.18. They are told in the order in which a block of ext4 keeps them: by the number of the
/// first part of the name, by the length of the rest, by the rest.
/// </remarks>
public sealed class Xattrs
{
    private const int BlockBytes = 4096, HeaderBytes = 32, EndBytes = 4, EntryBytes = 16;
    private static readonly string[] Prefixes = ["user.", "trusted.", "security."];
    private readonly List<(string Name, byte[] Value)> all = [];

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Names => all.Select(static a => a.Name);

    /// <summary>The value of a name; null for none.</summary>
    public byte[]? Find(string name)
    {
        int at = all.FindIndex(a => a.Name == name);
        return at < 0 ? null : all[at].Value;
    }

    /// <summary>Attaches a value.</summary>
    public void Set(string name, byte[] value)
    {
        Remove(name);
        int at = all.FindIndex(a => Compare(name, a.Name) < 0);
        all.Insert(at < 0 ? all.Count : at, (name, value));
    }

    /// <summary>Takes a name away; false if there is none.</summary>
    public bool Remove(string name) => all.RemoveAll(a => a.Name == name) > 0;

    /// <summary>Whether a block of a disk has room for a value beside the others.</summary>
    public bool HasRoom(string name, int valueBytes)
    {
        int used = HeaderBytes + EndBytes + Bytes(name, valueBytes);
        foreach ((string other, byte[] value) in all)
            used += other == name ? 0 : Bytes(other, value.Length);
        return used <= BlockBytes;
    }

    private static int Bytes(string name, int valueBytes) =>
        EntryBytes + Padded(Encoding.UTF8.GetByteCount(Rest(name))) + Padded(valueBytes);

    private static int Padded(int bytes) => (bytes + 3) & ~3;

    private static int Compare(string one, string two)
    {
        int kind = KindOf(one).CompareTo(KindOf(two));
        if (kind != 0)
            return kind;
        int length = Rest(one).Length.CompareTo(Rest(two).Length);
        return length != 0 ? length : string.CompareOrdinal(Rest(one), Rest(two));
    }

    private static int KindOf(string name) =>
        Array.FindIndex(Prefixes, p => name.StartsWith(p, StringComparison.Ordinal));

    private static string Rest(string name) => KindOf(name) is var kind and >= 0 ? name[Prefixes[kind].Length..] : name;
}
