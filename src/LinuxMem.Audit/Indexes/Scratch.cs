namespace LinuxMem.Audit.Indexes;

/// <summary>Arrays that live from check to check and grow when a snapshot needs more.</summary>
internal static class Scratch
{
    /// <summary>Makes room for <paramref name="length"/> items and sets them to zero.</summary>
    public static void Zeroed<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[Math.Max(length, array.Length * 2)];
        else
            Array.Clear(array, 0, length);
    }

    /// <summary>Makes room for <paramref name="length"/> items, whose contents are then of no meaning.</summary>
    public static void Room<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            array = new T[Math.Max(length, array.Length * 2)];
    }
}
