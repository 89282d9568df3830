using System.Globalization;

namespace Cclm.Inference;

/// <summary>A shelf in a git repository whose archives are in Git LFS: <c>{item_type}/{filename}</c> at a tag. Needs the programs git and git-lfs.</summary>
sealed class GitLocation : ShelfLocation
{
    const string Attributes = "*.tar.gz filter=lfs diff=lfs merge=lfs -text";

    readonly string repository;

    /// <exception cref="ArgumentException">git would take the address for an option.</exception>
    public GitLocation(string repository)
    {
        if (repository.Length == 0 || repository.StartsWith('-'))
        {
            throw new ArgumentException($"'git+{repository}' is no repository; expected 'git+' and its address, such as git+https://host/models.git.", nameof(repository));
        }
        this.repository = Directory.Exists(repository) ? Path.GetFullPath(repository) : repository;
    }

    public override string Address => repository;

    public override async Task<IShelfTag> OpenAsync(string tag, CancellationToken cancellation)
    {
        var clone = await Clone.OfAsync(repository, ["--branch", tag, "--no-checkout"], cancellation).ConfigureAwait(false);
        return new GitTag(clone, $"{Shown} at {tag}");
    }

    public override async Task PublishAsync(string tag, IReadOnlyList<(ShelfEntry Entry, string Archive)> items, CancellationToken cancellation)
    {
        await using var clone = await Clone.OfAsync(repository, [], cancellation).ConfigureAwait(false);
        var git = clone.Git;
        if ((await git.RunAsync(["ls-remote", "origin", $"refs/tags/{tag}"], cancellation).ConfigureAwait(false)).Length > 0)
        {
            throw new ShelfException($"{Shown} has the tag '{tag}' already, and a tag stays as it is. Publish under a new one.");
        }
        await git.RunAsync(["lfs", "install", "--local", "--skip-repo"], cancellation).ConfigureAwait(false);
        Attribute(Path.Combine(clone.Folder, ".gitattributes"));
        ShelfFolder.Add(clone.Folder, items);
        await git.RunAsync(["add", "--all"], cancellation).ConfigureAwait(false);
        if ((await git.RunAsync(["status", "--porcelain"], cancellation).ConfigureAwait(false)).Length > 0)
        {
            await git.RunAsync(["commit", "--quiet", "--no-verify", "--message", $"Publish {string.Join(", ", items.Select(item => $"{item.Entry.Kind.ItemType} {item.Entry.Identifier}"))}"], cancellation).ConfigureAwait(false);
        }
        await git.RunAsync(["tag", tag], cancellation).ConfigureAwait(false);
        await git.RunAsync(["lfs", "push", "origin", tag], cancellation).ConfigureAwait(false);
        await git.RunAsync(["push", "--quiet", "--no-verify", "--atomic", "origin", "HEAD", $"refs/tags/{tag}"], cancellation).ConfigureAwait(false);
    }

    /// <summary>The address without a password in it.</summary>
    string Shown => Uri.TryCreate(repository, UriKind.Absolute, out var url) && url.UserInfo.Length > 0 ? repository.Replace($"{url.UserInfo}@", "", StringComparison.Ordinal) : repository;

    static void Attribute(string file)
    {
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        if (!lines.Contains(Attributes))
        {
            File.WriteAllLines(file, [.. lines, Attributes]);
        }
    }

    /// <summary>A clone of one commit in a folder of its own, gone when it is disposed.</summary>
    sealed class Clone : IAsyncDisposable
    {
        /// <summary>Items stay the pointers that they are in git.</summary>
        static readonly string[] Pointers = ["-c", "filter.lfs.smudge=", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false"];

        /// <summary>A link of the repository would lead what is written here to anywhere else, so links become files that name their target.</summary>
        const string NoLinks = "core.symlinks=false";

        readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cclm-shelf-");

        public string Folder => folder.FullName;

        public GitProgram Git => new(Folder);

        public static async Task<Clone> OfAsync(string repository, string[] options, CancellationToken cancellation)
        {
            await GitProgram.CheckInstalledAsync(cancellation).ConfigureAwait(false);
            var clone = new Clone();
            try
            {
                await clone.Git.RunAsync([.. Pointers, "-c", NoLinks, "clone", "--config", NoLinks, "--quiet", "--depth", "1", .. options, "--", repository, "."], cancellation).ConfigureAwait(false);
                return clone;
            }
            catch
            {
                await clone.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        public ValueTask DisposeAsync()
        {
            foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories))
            {
                file.Attributes = FileAttributes.Normal;        // git's objects are read-only, which Windows would not delete
            }
            folder.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }
    }

    sealed class GitTag(Clone clone, string name) : IShelfTag
    {
        public string Describe(string itemType, string fileName) => $"{itemType}/{fileName} in {name}";

        public async Task<bool> FetchAsync(string itemType, string fileName, string target, long maxBytes, IProgress<ShelfProgress>? progress, CancellationToken cancellation)
        {
            var path = $"{itemType}/{fileName}";
            if ((await clone.Git.RunAsync(["ls-tree", "--name-only", "HEAD", "--", path], cancellation).ConfigureAwait(false)).Length == 0)
            {
                return false;
            }
            var size = long.Parse(await clone.Git.RunAsync(["cat-file", "-s", $"HEAD:{path}"], cancellation).ConfigureAwait(false), CultureInfo.InvariantCulture);
            Check(size);
            using var blob = new FileStream(Path.Combine(clone.Folder, "blob"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 4096, FileOptions.DeleteOnClose);
            await clone.Git.RunAsync(["cat-file", "blob", $"HEAD:{path}"], null, blob, cancellation).ConfigureAwait(false);
            blob.Position = 0;
            Check(LfsPointer.SizeIn(blob));
            blob.Position = 0;
            using var file = new FileStream(target, FileMode.Create, FileAccess.Write);
            // Smudging turns a pointer into what it points to, and leaves a file that is in git itself as it is.
            await clone.Git.RunAsync(["lfs", "smudge", "--", path], blob, file, cancellation).ConfigureAwait(false);
            Check(file.Length);
            progress?.Report(new(fileName, file.Length, file.Length));
            return true;

            void Check(long length)
            {
                if (length > maxBytes)
                {
                    throw IShelfTag.TooLong(Describe(itemType, fileName), maxBytes);
                }
            }
        }

        public ValueTask DisposeAsync() => clone.DisposeAsync();
    }
}
