using System.Text;

namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>
/// Changes a document before it is checked: `--set machine.cpus=8`, and what a profile gives below it.
/// </summary>
internal static class Overrides
{
    /// <summary>
    /// Applies `path=value`. The path is keys (and positions in arrays, from 0) with dots between; what is missing is
    /// made.
    /// </summary>
    /// <remarks>
    /// A value is JSON if it reads as such (8, true, "x", [..], {..}) and otherwise the text itself: 64MiB.
    /// </remarks>
    public static Node Apply(Node root, string set, Errors errors)
    {
        var position = new Position("--set " + Printable(set));
        int equals = set.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            errors.Add(position, "has no value; expected KEY=VALUE, for instance machine.cpus=8");
            return root;
        }

        string[] path = set[..equals].Split('.');
        if (path.Contains(""))
        {
            errors.Add(position,
                "has an empty key in its path; expected keys with single dots between, as in machine.cpus");
            return root;
        }

        return Replace(root, path, 0, ValueOf(set[(equals + 1)..], position), errors);
    }

    /// <summary>A document over its defaults: objects are merged member by member, anything else is replaced.</summary>
    public static Node Merge(Node defaults, Node document)
    {
        if (defaults.Kind != NodeKind.Object || document.Kind != NodeKind.Object)
            return document;
        var members = new List<Member>(document.Members);
        foreach (Member member in defaults.Members)
        {
            int index = members.FindIndex(m => m.Name == member.Name);
            if (index < 0)
                members.Add(member);
            else
                members[index] = members[index] with { Value = Merge(member.Value, members[index].Value) };
        }

        return document with { Members = members };
    }

    private static Node Replace(Node node, string[] path, int depth, Node value, Errors errors)
    {
        if (depth == path.Length)
            return value with { Owner = node.Owner, ItemNumber = node.ItemNumber };
        string key = path[depth];
        if (node.Kind == NodeKind.Array)
            return ReplaceItem(node, path, depth, value, errors);
        if (node.Kind != NodeKind.Object)
        {
            errors.Add(value.Position,
                $"{node.Label} is {node.Describe()} and has no key {Quoting.Quote(key)}; expected a path of objects");
            return node;
        }

        var members = new List<Member>(node.Members);
        int index = members.FindIndex(m => m.Name == key);
        var empty = new Node(NodeKind.Object, value.Position) { Owner = Quoting.Quote(key) };
        Node child = Replace(index < 0 ? empty : members[index].Value, path, depth + 1, value, errors);
        var member = new Member(key, value.Position, child);
        if (index < 0)
            members.Add(member);
        else
            members[index] = members[index] with { Value = child };
        return node with { Members = members };
    }

    private static Node ReplaceItem(Node node, string[] path, int depth, Node value, Errors errors)
    {
        string key = path[depth];
        bool isIndex = key.Length <= 7 && key.All(char.IsAsciiDigit);
        int index = isIndex ? int.Parse(key, System.Globalization.CultureInfo.InvariantCulture) : -1;
        if (index < 0 || index >= node.Items.Count)
        {
            errors.Add(value.Position,
                $"{node.Label} has no item {Quoting.Quote(key)}; expected a number below {node.Items.Count}");
            return node;
        }

        var items = new List<Node>(node.Items);
        items[index] = Replace(items[index], path, depth + 1, value, errors);
        return node with { Items = items };
    }

    private static Node ValueOf(string text, Position position)
    {
        var ignored = new Errors();
        Node? json = text.Length == 0 ? null : JsonTree.Read(Encoding.UTF8.GetBytes(text), position.Source, ignored);
        if (json is null || !ignored.IsEmpty)
            return new Node(NodeKind.String, position) { Text = text };
        return Moved(json, position);
    }

    private static Node Moved(Node node, Position position) => node with
    {
        Position = position,
        Members = node.Members.Select(m => new Member(m.Name, position, Moved(m.Value, position))).ToList(),
        Items = node.Items.Select(i => Moved(i, position)).ToList(),
    };

    private static string Printable(string set)
    {
        string quoted = Quoting.Quote(set);
        return quoted[1..^1];
    }
}
