namespace AiPipe.AppHost.Hosting.Postgres;

/// <summary>The user that runs PostgreSQL's programs if this process is root, because PostgreSQL refuses to run as root.</summary>
/// <param name="Name">A system user.</param>
/// <param name="Prefix">The program and its arguments that run the command after them as that user.</param>
internal sealed record UnprivilegedUser(string Name, IReadOnlyList<string> Prefix)
{
    /// <summary>Finds the user.</summary>
    /// <returns>The user; <c>null</c> if this process is not root.</returns>
    /// <exception cref="CannotStartException">The system has no such user, or no program that runs a command as that user.</exception>
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
                // Tried instead of looked up, because in a container the program may exist but lack the permission to change users.
                var proof = await ExternalProgram.RunAsync(prefix[0], [.. prefix.Skip(1), "true"], cancellationToken: cancellationToken);
                if (proof.Succeeded) return new UnprivilegedUser(name, prefix);
            }
        }
        throw new CannotStartException("PostgreSQL refuses to run as root, and AiPipe cannot run it as the user postgres or nobody "
            + "(tried setpriv, runuser and su). Start AiPipe as a user other than root, or set ConnectionStrings__aipipe.");
    }

    /// <summary>Makes the user the owner of a folder and its content.</summary>
    public async Task TakeOverAsync(string folder, CancellationToken cancellationToken)
    {
        // -h changes the owner of symbolic links themselves. The unprivileged user can create links, which must not give it other files.
        var changed = await ExternalProgram.RunAsync("chown", ["-R", "-h", Name, folder], cancellationToken: cancellationToken);
        if (!changed.Succeeded) throw new CannotStartException($"Cannot change the owner of {folder} to {Name}: {changed.LastLine}");
    }

    private static IEnumerable<string[]> Prefixes(string name, string uid, string gid) =>
    [
        ["setpriv", $"--reuid={uid}", $"--regid={gid}", "--clear-groups", "--no-new-privs", "--"],
        ["runuser", "-u", name, "--"],
        ["su", "-s", "/bin/sh", name, "-c", "exec \"$@\"", "--", "sh"],
    ];
}
