using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>The values of an object's keys, for the code that makes something of them.</summary>
internal sealed class KeyValues(Position position, ReadContext context)
{
    private readonly List<(Key Key, object? Value, Position Position)> values = [];

    /// <summary>Where the object begins.</summary>
    public Position Position => position;

    /// <summary>The reading that this is part of.</summary>
    public ReadContext Context => context;

    /// <summary>Takes in the value of a key.</summary>
    public void Set(Key key, object? value, Position at) => values.Add((key, value, at));

    /// <summary>Whether the key is there.</summary>
    public bool Has(Key key) => IndexOf(key) >= 0;

    /// <summary>The value of a key, or what holds without it.</summary>
    public T Get<T>(Key<T> key)
    {
        int index = IndexOf(key);
        return index < 0 ? key.Absent : (T)values[index].Value!;
    }

    /// <summary>Adds a mistake at a key's value, or at the object if the key is not there.</summary>
    public void Fail(Key key, string what)
    {
        int index = IndexOf(key);
        context.Errors.Add(index < 0 ? position : values[index].Position, what);
    }

    /// <summary>Adds a mistake at the object.</summary>
    public void Fail(string what) => context.Errors.Add(position, what);

    private int IndexOf(Key key)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (ReferenceEquals(values[i].Key, key))
                return i;
        }

        return -1;
    }
}
