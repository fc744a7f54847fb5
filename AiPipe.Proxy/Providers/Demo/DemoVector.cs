namespace AiPipe.Proxy.Providers.Demo;

/// <summary>A unit vector for a text: the sum of one random direction per word. Texts that share words have similar vectors.</summary>
internal static class DemoVector
{
    /// <summary>Later words are ignored.</summary>
    private const int MaxWords = 256;

    public static float[] FromText(string text, int dimensions)
    {
        var vector = new float[dimensions];
        Add(vector, Hash("")); // Gives an empty text a direction, too.
        var words = 0;
        var span = text.AsSpan();
        var start = -1;
        for (var i = 0; i <= span.Length && words < MaxWords; i++)
        {
            var inWord = i < span.Length && char.IsLetterOrDigit(span[i]);
            if (inWord && start < 0) start = i;
            if (inWord || start < 0) continue;
            Add(vector, Hash(span[start..i]));
            words++;
            start = -1;
        }
        Normalise(vector);
        return vector;
    }

    /// <summary>FNV-1a of the lowercase word: unlike the framework's hash, equal in every process.</summary>
    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in word) hash = unchecked((hash ^ char.ToLowerInvariant(letter)) * 1099511628211UL);
        return hash;
    }

    private static void Add(float[] vector, ulong seed)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            // SplitMix64: https://prng.di.unimi.it/splitmix64.c
            seed = unchecked(seed + 0x9E3779B97F4A7C15UL);
            var mixed = unchecked((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9UL);
            mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL);
            vector[i] += (int)((mixed ^ (mixed >> 31)) >> 33) / (float)(1 << 30) - 1;
        }
    }

    private static void Normalise(float[] vector)
    {
        var length = MathF.Sqrt(vector.Sum(number => number * number));
        for (var i = 0; i < vector.Length; i++) vector[i] = length > 0 ? vector[i] / length : 0;
    }
}
