using System.Text;

namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>The places in a document that are watched, as a tree. Built once per API, then only read.</summary>
internal sealed class JsonPaths
{
    private JsonPaths(Node root, int depth)
    {
        Root = root;
        Depth = depth;
    }

    public Node Root { get; }

    /// <summary>Containers inside each other on the longest path: all that a scanner must remember.</summary>
    public int Depth { get; }

    /// <summary>Reads paths such as <c>choices[].delta.content</c> or <c>[].usageMetadata</c>.</summary>
    public static JsonPaths Create(params IEnumerable<(string Path, Field Field)> places)
    {
        var root = new Node();
        var depth = 1;
        foreach (var (path, field) in places)
        {
            var node = root;
            var steps = path.Replace("[]", ".[]", StringComparison.Ordinal)
                .Split('.', StringSplitOptions.RemoveEmptyEntries);
            foreach (var step in steps)
                node = node.Grow(step);
            node.Field = field;
            depth = Math.Max(depth, steps.Length + 1);
        }
        return new(root, depth);
    }

    /// <summary>The same places under each of several prefixes.</summary>
    public static IEnumerable<(string Path, Field Field)> Under(
        IEnumerable<string> prefixes, params (string Path, Field Field)[] places) =>
        prefixes.SelectMany(prefix => places.Select(place => (prefix + place.Path, place.Field)));

    /// <summary>A place on the way to, or at, something watched.</summary>
    internal sealed class Node
    {
        private readonly List<(byte[] Name, Node Node)> _members = [];

        public Field Field { get; set; }
        public bool HasMembers => _members.Count > 0;
        /// <summary>What every element of an array at this place is; <c>null</c> = arrays here are not watched.</summary>
        public Node? Element { get; private set; }

        /// <summary>What a member of an object at this place is; <c>null</c> = not watched.</summary>
        public Node? Member(ReadOnlySpan<byte> name)
        {
            // A handful of names, mostly of different lengths: cheaper than a hash.
            foreach (var (known, node) in _members)
                if (name.SequenceEqual(known)) return node;
            return null;
        }

        public Node Grow(string step)
        {
            if (step is "[]") return Element ??= new();
            var name = Encoding.UTF8.GetBytes(step);
            if (Member(name) is { } known) return known;
            _members.Add((name, new()));
            return _members[^1].Node;
        }
    }
}
