using System.Text;

namespace AiPipe.Proxy.Metering.Scanning;

/// <summary>The watched positions of a document, as a tree. Built once per API, then read-only.</summary>
internal sealed class JsonPaths
{
    private JsonPaths(Node root, int depth)
    {
        Root = root;
        Depth = depth;
    }

    public Node Root { get; }

    /// <summary>The maximum nesting of watched containers; bounds the scanner's stack.</summary>
    public int Depth { get; }

    /// <summary>Parses paths such as <c>choices[].delta.content</c> or <c>[].usageMetadata</c>.</summary>
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

    /// <summary>Repeats the places under each prefix.</summary>
    public static IEnumerable<(string Path, Field Field)> Under(
        IEnumerable<string> prefixes, params (string Path, Field Field)[] places) =>
        prefixes.SelectMany(prefix => places.Select(place => (prefix + place.Path, place.Field)));

    /// <summary>A position on the path to a watched one, or the watched one itself.</summary>
    internal sealed class Node
    {
        private readonly List<(byte[] Name, Node Node)> _members = [];

        public Field Field { get; set; }
        public bool HasMembers => _members.Count > 0;
        /// <summary>The elements of an array here; <c>null</c> = not watched.</summary>
        public Node? Element { get; private set; }

        /// <summary>A member of an object here; <c>null</c> = not watched.</summary>
        public Node? Member(ReadOnlySpan<byte> name)
        {
            // For a few names of different lengths, a loop is cheaper than a hash.
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
