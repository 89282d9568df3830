using System.Buffers.Binary;
using System.Text;

namespace Cclm.Training;

/// <summary>Symbol version needs of a 64-bit little-endian ELF file (System V gABI and the GNU symbol versioning extension).</summary>
static class ElfVersions
{
    const uint SectionVersionNeed = 0x6ffffffe;     // SHT_GNU_verneed
    const ushort Weak = 2;                          // VER_FLG_WEAK: a missing version is no error

    /// <summary>Marks one needed symbol version as weak, in place.</summary>
    /// <param name="elf">The file's bytes.</param>
    /// <param name="version">The version's name, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>The same array.</returns>
    /// <exception cref="InvalidDataException">The bytes are no such ELF file, or it does not need that version.</exception>
    public static byte[] Weaken(byte[] elf, string version)
    {
        try
        {
            foreach (var need in Needs(elf))
            {
                if (need.Name == version)
                {
                    var flags = elf.AsSpan(need.FlagsOffset, 2);
                    BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(flags) | Weak));
                    return elf;
                }
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"The ELF file of {elf.Length} bytes is truncated: a table points past its end.");
        }
        throw new InvalidDataException($"The ELF file does not need symbol version {version}.");
    }

    /// <summary>Every needed version, and where its <c>vna_flags</c> lie in the file.</summary>
    static IEnumerable<(string Name, int FlagsOffset)> Needs(byte[] elf)
    {
        if (elf.Length < 64 || !elf.AsSpan(0, 6).SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
        {
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        }
        int sections = (int)U64(0x28), size = U16(0x3a), count = U16(0x3c);             // e_shoff, e_shentsize, e_shnum
        for (var section = sections; section < sections + (count * size); section += size)
        {
            if (U32(section + 4) != SectionVersionNeed)                                 // sh_type
            {
                continue;
            }
            var strings = (int)U64(sections + ((int)U32(section + 0x28) * size) + 0x18);  // sh_link -> sh_offset of its names
            var need = (int)U64(section + 0x18);                                        // sh_offset: the first Verneed
            for (var left = U32(section + 0x2c); left > 0; left--, need += (int)U32(need + 12))                 // sh_info, vn_next
            {
                var entry = need + (int)U32(need + 8);                                  // vn_aux: the first Vernaux
                for (int i = U16(need + 2); i > 0; i--, entry += (int)U32(entry + 12))  // vn_cnt, vna_next
                {
                    yield return (Text(strings + (int)U32(entry + 8)), entry + 4);      // vna_name, vna_flags
                }
            }
        }

        ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(at, 2));
        uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan(at, 4));
        ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan(at, 8));
        string Text(int at)
        {
            var tail = elf.AsSpan(at);
            var end = tail.IndexOf((byte)0);
            return Encoding.ASCII.GetString(end < 0 ? tail : tail[..end]);
        }
    }
}
