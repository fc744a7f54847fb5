namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>The user that PostgreSQL's programs run as when this process is root, which PostgreSQL refuses.</summary>
/// <param name="Name">A system user.</param>
/// <param name="Prefix">The program and arguments before a command that run it as that user.</param>
internal sealed record UnprivilegedUser(string Name, IReadOnlyList<string> Prefix)
{
    /// <summary>Finds the user.</summary>
    /// <returns><c>null</c> where this process is not root.</returns>
    /// <exception cref="CannotStartException">There is no such user, or no program that runs a command as one.</exception>
    public static async Task<UnprivilegedUser?> FindAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return null;
        foreach (var name in new[] { "postgres", "nobody" })
        {
            var uid = await ExternalProgram.RunAsync("id", ["-u", name], cancellationToken: cancellationToken);
            var gid = await ExternalProgram.RunAsync("id", ["-g", name], cancellationToken: cancellationToken);
            if (!uid.Succeeded || !gid.Succeeded) continue;
            foreach (var prefix in Prefixes(name, uid.Output.Trim(), gid.Output.Trim()))
            {
                // Tried rather than looked up: in a container the program may exist without the permission to change users.
                var proof = await ExternalProgram.RunAsync(prefix[0], [.. prefix.Skip(1), "true"], cancellationToken: cancellationToken);
                if (proof.Succeeded) return new UnprivilegedUser(name, prefix);
            }
        }
        throw new CannotStartException("PostgreSQL refuses to run as root, and its programs cannot be run as another user here "
            + "(setpriv, runuser or su; user postgres or nobody). Start AiPipe as an ordinary user, or set ConnectionStrings__aipipe.");
    }

    /// <summary>Makes the user the owner of a folder and its content.</summary>
    public async Task TakeOverAsync(string folder, CancellationToken cancellationToken)
    {
        // -h changes links themselves: the unprivileged user wrote the content, and a link must not lead root to other files.
        var given = await ExternalProgram.RunAsync("chown", ["-R", "-h", Name, folder], cancellationToken: cancellationToken);
        if (!given.Succeeded) throw new CannotStartException($"{folder} cannot be made the property of the user {Name}: {given.LastLine}");
    }

    private static IEnumerable<string[]> Prefixes(string name, string uid, string gid) =>
    [
        ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups", "--no-new-privs", "--"],
        ["runuser", "-u", name, "--"],
        ["su", "-s", "/bin/sh", name, "-c", "exec \"$@\"", "--", "sh"],
    ];
}
