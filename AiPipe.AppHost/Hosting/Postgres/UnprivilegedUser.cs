namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>PostgreSQL refuses to run as root; its programs then run as this user.</summary>
/// <param name="Name">A system user.</param>
/// <param name="Prefix">The words before a command that run it as that user.</param>
internal sealed record UnprivilegedUser(string Name, IReadOnlyList<string> Prefix)
{
    /// <summary>Finds whom to become.</summary>
    /// <returns><c>null</c> where this process is not root.</returns>
    /// <exception cref="CannotStartException">There is no such user, or no way to become one.</exception>
    public static async Task<UnprivilegedUser?> FindAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return null;
        foreach (var name in new[] { "postgres", "nobody" })
        {
            var uid = await ExternalProgram.RunAsync("id", ["-u", name], cancellationToken: cancellationToken);
            var gid = await ExternalProgram.RunAsync("id", ["-g", name], cancellationToken: cancellationToken);
            if (!uid.Succeeded || !gid.Succeeded) continue;
            foreach (var prefix in Ways(name, uid.Output.Trim(), gid.Output.Trim()))
            {
                // Tried, not looked up: a container may have the program but not the right to change users.
                var proof = await ExternalProgram.RunAsync(prefix[0], [.. prefix.Skip(1), "true"], cancellationToken: cancellationToken);
                if (proof.Succeeded) return new UnprivilegedUser(name, prefix);
            }
        }
        throw new CannotStartException("PostgreSQL refuses to run as root, and there is no way to become another user here "
            + "(setpriv, runuser or su; user postgres or nobody). Start AiPipe as an ordinary user, or set ConnectionStrings__aipipe.");
    }

    /// <summary>Gives a folder and all in it to the user.</summary>
    public async Task TakeOverAsync(string folder, CancellationToken cancellationToken)
    {
        // -h: what is in there was written by the unprivileged user; a link of theirs must not lead root elsewhere.
        var given = await ExternalProgram.RunAsync("chown", ["-R", "-h", Name, folder], cancellationToken: cancellationToken);
        if (!given.Succeeded) throw new CannotStartException($"{folder} cannot be given to the user {Name}: {given.LastLine}");
    }

    private static IEnumerable<string[]> Ways(string name, string uid, string gid) =>
    [
        ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups", "--no-new-privs", "--"],
        ["runuser", "-u", name, "--"],
        ["su", "-s", "/bin/sh", name, "-c", "exec \"$@\"", "--", "sh"],
    ];
}
