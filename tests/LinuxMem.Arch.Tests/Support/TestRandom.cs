namespace LinuxMem.Arch.Tests.Support;

/// <summary>A seeded generator for test cases; three draws of it say more than a tree of generators would.</summary>
internal sealed class TestRandom(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        ulong z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    public bool Percent(int percent) => Below(100) < percent;

    public T Of<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];
}
